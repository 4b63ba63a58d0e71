import { array, assert, property, string, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainText } from './html.ts';
import { splitMessage, visibleLength } from './split.ts';

const body = (part: string) => part.slice(part.indexOf('\n') + 1);

/** Each tag is closed where it was opened, and no entity is cut. */
function isWhole(html: string): boolean {
  const open: string[] = [];
  for (const [, slash, name = ''] of html.matchAll(/<(\/?)([a-z]+)[^>]*>/g)) {
    if (slash === '') open.push(name);
    else if (open.pop() !== name) return false;
  }
  return open.length === 0 && !/&(?!(lt|gt|amp|quot);)/.test(html) && html.isWellFormed();
}

describe('splitMessage', () => {
  it('leaves a short message unchanged', () => {
    expect(splitMessage(['a', 'b'], 't')).toEqual(['a\nb']);
  });

  it('splits at lines and numbers the parts', () => {
    const lines = Array.from({ length: 200 }, (_, at) => `<b>line ${at}</b> ${'x'.repeat(40)}`);
    const parts = splitMessage(lines, 'ORDER');
    expect(parts.map((part) => part.split('\n')[0])).toEqual(
      parts.map((_, at) => `<i>Part ${at + 1} of ${parts.length} · ORDER</i>`),
    );
    expect(parts.flatMap((part) => body(part).split('\n'))).toEqual(lines);
  });

  it('splits a long line, but no tag, entity or emoji', () => {
    const family = '👨‍👩‍👧‍👦';
    const line = `<b>${'&lt;'.repeat(2500)}<i>${family.repeat(400)}</i></b>`;
    const parts = splitMessage([line], 't');
    for (const part of parts) {
      expect(isWhole(part)).toBe(true);
      expect(visibleLength(part)).toBeLessThanOrEqual(4_000);
    }
    expect(parts.map((part) => plainText(body(part))).join('')).toBe(plainText(line));
    expect(parts.every((part) => plainText(body(part)).replaceAll(family, '').replaceAll('<', '') === '')).toBe(true);
  });

  it('loses nothing and breaks nothing, whatever the text', () => {
    const text = string({ unit: 'grapheme', maxLength: 3_000 }).map((raw) => raw.replaceAll(/[<>&"\n]/g, '&amp;'));
    const line = tuple(text, text).map(([a, b]) => `${a}<b>${b}</b>`);
    assert(
      property(array(line, { maxLength: 8 }), (lines) => {
        const parts = splitMessage(lines, 'title');
        const whole = parts.length === 1 ? parts.join('') : parts.map(body).join('');
        expect(plainText(whole).replaceAll('\n', '')).toBe(plainText(lines.join('')));
        for (const part of parts) {
          expect(isWhole(part)).toBe(true);
          expect(visibleLength(part)).toBeLessThanOrEqual(4_000);
          expect(Buffer.byteLength(part)).toBeLessThanOrEqual(32_768);
        }
      }),
      { numRuns: 60 },
    );
  });
});
