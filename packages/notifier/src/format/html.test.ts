import { describe, expect, it } from 'vitest';
import { code, escapeLine, truncate } from './html.ts';

describe('external text', () => {
  it.each(['\u202eevil\u202c', '\u2066a\u2069', 'a\u200fb', '\u061ca'])(
    'cannot reorder what surrounds it: %j',
    (text) => {
      expect(escapeLine(text) + code(text)).not.toMatch(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/);
    },
  );

  it.each([
    ['https://evil.example/a', 'https:/\u2060/evil.\u2060example/a'],
    ['see evil.com now', 'see evil.\u2060com now'],
    ['пример.рф', 'пример.\u2060рф'],
    ['a@evil.com', 'a@\u2060evil.\u2060com'],
    ['ftp://10.0.0.1', 'ftp:/\u2060/10.0.0.1'],
    ['3.5 kg, v1.2', '3.5 kg, v1.2'],
  ])('%s does not become a link', (text, shown) => {
    expect(escapeLine(text)).toBe(shown);
  });
});

it('truncates without splitting a surrogate pair', () => {
  expect(truncate('ab😀', 3)).toBe('ab');
  expect(truncate('ab😀', 4)).toBe('ab😀');
});
