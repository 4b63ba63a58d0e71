import { checkSync } from 'recheck';
import { parseSync, Visitor } from 'vite';
import { describe, expect, test } from 'vitest';
import { readSources, type Source } from './sources.ts';

/** They see only what our own programs write. */
const inward = new Set(['sandbox', 'bench', 'test']);

const outward = readSources().filter(
  ({ path, isTest, package: name }) => path.includes('/src/') && !isTest && !inward.has(name),
);

/** Names what is slow, and whatever is put together at runtime, which nobody can check. */
function slowIn({ path, code, program }: Pick<Source, 'path' | 'code' | 'program'>): string[] {
  const found: string[] = [];
  const built = ({ callee, start, end }: { callee: { start: number; end: number }; start: number; end: number }) => {
    if (code.slice(callee.start, callee.end) === 'RegExp') found.push(`${path}: ${code.slice(start, end)}`);
  };
  new Visitor({
    Literal: (node) => {
      if (!('regex' in node) || isLinear(node.regex.pattern, node.regex.flags)) return;
      found.push(`${path}: ${code.slice(node.start, node.end)}`);
    },
    NewExpression: built,
    CallExpression: built,
  }).visit(program);
  return found;
}

const known = new Map<string, boolean>();
function isLinear(pattern: string, flags: string): boolean {
  const key = `${pattern}/${flags}`;
  const linear = known.get(key) ?? (!/[*+,]/.test(pattern) || isSafe(pattern, flags));
  known.set(key, linear);
  return linear;
}

function isSafe(pattern: string, flags: string): boolean {
  return checkSync(pattern, flags, { timeout: null }).status === 'safe';
}

const packages = Map.groupBy(outward, (source) => source.package);
describe.each([...packages])('%s', (_name, sources) => {
  test('has only regular expressions that are linear in the text', { timeout: 300_000 }, () => {
    expect(sources.flatMap(slowIn)).toEqual([]);
  });
});

test.each([
  ['a quadratic one', String.raw`/\s+$/`],
  ['an exponential one', '/^(a+)+$/'],
  ['one from a text', 'new RegExp(name)'],
  ['one from a text, without new', 'RegExp(name)'],
])('%s is found', (_what, code) => {
  expect(slowIn({ path: 'x.ts', code, program: parseSync('x.ts', code).program })).toEqual([`x.ts: ${code}`]);
});
