import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJson } from './json.ts';

const anyText: unknown = expect.any(String);

describe('parseJson', () => {
  test('an integer beyond 2^53 becomes a string of its own digits', () => {
    expect(parseJson('{"a":18446744073709551615,"b":[-9007199254740993],"c":9007199254740991}')).toEqual({
      a: '18446744073709551615',
      b: ['-9007199254740993'],
      c: 9007199254740991,
    });
    expect(parseJson('12345678901234567890')).toBe('12345678901234567890');
    expect(parseJson('[1e400, 1e3, 1.5e2]')).toEqual(['1e400', 1000, 150]);
  });

  test('amounts stay numbers, however many decimals they have', () => {
    expect(parseJson('[0.1234567890123456789, 31.99, -5.5, 0]')).toEqual([0.12345678901234568, 31.99, -5.5, 0]);
  });

  test('digits inside strings are left alone', () => {
    expect(parseJson('{"t":"1234567890123456789, 99999999999999999999","k":"\\"9007199254740993"}')).toEqual({
      t: '1234567890123456789, 99999999999999999999',
      k: '"9007199254740993',
    });
  });

  test('text nested deeper than any reader can follow is rejected as invalid JSON', () => {
    expect(() => parseJson('['.repeat(100_000) + ']'.repeat(100_000))).toThrow(SyntaxError);
    expect(() => parseJson('{"a":'.repeat(101) + '1' + '}'.repeat(101))).toThrow(SyntaxError);
    expect(parseJson('['.repeat(100) + ']'.repeat(100))).toBeInstanceOf(Array);
    expect(parseJson(JSON.stringify({ text: '['.repeat(5000) }))).toEqual({ text: '['.repeat(5000) });
  });

  test('every other document is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        expect(parseJson(text)).toEqual(withoutUnsafe(JSON.parse(text)));
      }),
    );
  });

  test('every integer comes back with all its digits', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), (integer) => {
        const { id } = parseJson(`{"id": ${integer}}`) as { id: string | number };
        expect(BigInt(id)).toBe(integer);
      }),
    );
  });

  test('it throws nothing but SyntaxError', () => {
    const almostJson = fc.array(fc.constantFrom('{', '}', '[', ']', '"', ',', ':', '\\', '0', 'e', '9', '.', '-'));
    const text = fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      almostJson.map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (text) => {
        expect([undefined, 'SyntaxError']).toContain(faultOf(text));
      }),
    );
  });
});

function faultOf(text: string): string | undefined {
  try {
    parseJson(text);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.name : 'not an Error';
  }
}

/** fast-check draws doubles beyond 2^53 now and then; parseJson gives their source instead. */
function withoutUnsafe(value: unknown): unknown {
  if (typeof value === 'number') return Math.abs(value) > Number.MAX_SAFE_INTEGER ? anyText : value;
  if (Array.isArray(value)) return value.map(withoutUnsafe);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, withoutUnsafe(entry)]));
}
