import { assert, json, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { jsonTokens } from './json-tokens.ts';

const laidOut = (text: string) =>
  jsonTokens(text)
    .map((token) => token.text)
    .join('');

test('JSON is laid out as JSON.stringify would', () => {
  assert(
    property(json(), (text) => {
      expect(laidOut(text)).toBe(JSON.stringify(JSON.parse(text), null, 2));
    }),
  );
});

test('a number beyond 2^53 keeps its digits', () => {
  expect(laidOut('{"promotion_id":205555555555555555}')).toContain('205555555555555555');
});

test('text that is not JSON loses no character', () => {
  assert(
    property(string(), (text) => {
      expect(laidOut(text).replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
    }),
  );
});

test('keys, strings, numbers and literals have their own kinds', () => {
  const kinds = jsonTokens('{"a":["b",1,true]}').filter(({ kind }) => kind !== 'space' && kind !== 'punctuation');
  expect(kinds).toEqual([
    { kind: 'key', text: '"a"' },
    { kind: 'string', text: '"b"' },
    { kind: 'number', text: '1' },
    { kind: 'literal', text: 'true' },
  ]);
});
