import { Visitor } from 'vite';
import { expect, test } from 'vitest';
import { readSources, type Source } from './sources.ts';

/** The browser trusts what the server of its own release sends: its contract gives the type. */
const trusted = 'packages/dashboard/src/api/client.ts';

/** Each place that gives parsed JSON a type without checking it. */
function uncheckedJsonIn({ path, code, program }: Source): string[] {
  const found: string[] = [];
  new Visitor({
    TSAsExpression: ({ start, end, expression, typeAnnotation }) => {
      const text = code.slice(expression.start, expression.end);
      if (!/^\(*(?:await )?(?:JSON\.parse|[\w.]+\.json)\(/.test(text) || typeAnnotation.type === 'TSUnknownKeyword')
        return;
      found.push(`${path}:${String(code.slice(0, start).split('\n').length)}: ${code.slice(start, end)}`);
    },
  }).visit(program);
  return found;
}

const sources = readSources().filter(({ isTest }) => !isTest);

test('what is parsed from JSON is checked before it has a type', () => {
  expect(sources.filter(({ path }) => path !== trusted).flatMap(uncheckedJsonIn)).toEqual([]);
});

test('an unchecked type is found', () => {
  expect(sources.filter(({ path }) => path === trusted).flatMap(uncheckedJsonIn)).toHaveLength(2);
});
