import { Visitor } from 'vite';
import { expect, test } from 'vitest';
import { readSources, type Source } from './sources.ts';

/** Where the system's clocks are read; `shopee` stands alone, and a browser has no intervals that count. */
const clocks = /^packages\/(?:runtime\/src\/clock\/clock\.ts|shopee\/src\/api\/clock\.ts|dashboard\/)/;

/** Each place that reads a clock by itself: which interval steps with the system's clock shows only where both are told apart. */
function clocksReadIn({ path, code, program }: Source): string[] {
  const found: string[] = [];
  const note = (start: number, what: string) =>
    void found.push(`${path}:${String(code.slice(0, start).split('\n').length)}: ${what}`);
  new Visitor({
    MemberExpression: ({ start, end }) => {
      const text = code.slice(start, end);
      if (/^(?:globalThis\.)?(?:Date\.now|performance\.(?:now|timeOrigin)|process\.(?:hrtime|uptime))$/.test(text))
        note(start, text);
    },
    NewExpression: ({ start, end, callee, arguments: given }) => {
      if (callee.type === 'Identifier' && callee.name === 'Date' && given.length === 0)
        note(start, code.slice(start, end));
    },
    CallExpression: ({ start, end, callee }) => {
      if (callee.type === 'Identifier' && callee.name === 'Date') note(start, code.slice(start, end));
    },
  }).visit(program);
  return found;
}

const sources = readSources().filter(({ path, isTest }) => !isTest && path.includes('/src/'));

test('only the clock reads the time of the system: intervals are monotonic, wall time is for people and others', () => {
  expect(sources.filter(({ path }) => !clocks.test(path)).flatMap(clocksReadIn)).toEqual([]);
});

test('a clock that is read elsewhere is found', () => {
  const own = sources.filter(({ path }) => path.endsWith('runtime/src/clock/clock.ts'));
  expect(own.flatMap(clocksReadIn).map((line) => line.replace(/.*: /, ''))).toEqual(['performance.now', 'Date.now']);
});
