import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memberSpans, serverTimePlaceholder, parseLossless, stringifyWithServerTime } from './json.ts';

/** Any JSON text of an object, in a layout of its own: with spaces where JSON allows them. */
const objectTexts = fc
  .tuple(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), fc.constantFrom(undefined, 1, '\t', '\n '))
  .map(([value, indent]) => ({ value, text: JSON.stringify(value, undefined, indent) }));

describe('memberSpans', () => {
  it('cuts out each member as JSON.parse reads it', () => {
    fc.assert(
      fc.property(objectTexts, ({ value, text }) => {
        const spans = memberSpans(text);
        const cut = [...spans].map(([key, { start, end }]) => [key, JSON.parse(text.slice(start, end)) as unknown]);
        expect(Object.fromEntries(cut)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('takes the last of equal keys, as JSON.parse does', () => {
    const text = '{"a":1,"\\u0061" : [2, "]}"] }';
    const span = memberSpans(text).get('a');
    expect(text.slice(span?.start, span?.end)).toBe('[2, "]}"]');
  });
});

describe('parseLossless', () => {
  it('prints again what it read, to the last digit', () => {
    const text = '{"id":12345678901234567890,"price":1.10,"tiny":1e-400,"n":[1,-0,2.5]}';
    expect(stringifyWithServerTime(parseLossless(text))).toBe(text);
  });
});

describe('stringifyStamped', () => {
  it('prints as JSON.stringify does, and a NUL for the time', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        expect(JSON.parse(stringifyWithServerTime(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
    expect(
      stringifyWithServerTime({ at: serverTimePlaceholder, gone: undefined, list: [{ at: serverTimePlaceholder }] }),
    ).toBe('{"at":\0,"list":[{"at":\0}]}');
  });

  it('never holds another NUL, whatever it prints', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), (value) => {
        expect(stringifyWithServerTime(value)).not.toContain('\0');
      }),
    );
  });
});
