import { expect, it } from 'vitest';
import { textParts } from './render.ts';
import { visibleLength } from './split.ts';

it.each([
  ['one line', ['<b>From</b>', 'x'.repeat(900_000)]],
  ['many lines', Array.from({ length: 30_000 }, (_, at) => `line ${at} ${'y'.repeat(20)}`)],
  ['emoji', ['😀'.repeat(200_000)]],
])('sends a huge text in at most five messages, the last a file with all of it: %s', (_what, lines) => {
  const parts = textParts(lines, 'Chat message');
  expect(parts).toHaveLength(5);
  for (const part of parts) expect(visibleLength(part.html)).toBeLessThanOrEqual(4_096);
  expect(parts.map(({ kind }) => kind)).toEqual(['text', 'text', 'text', 'text', 'document']);
  const file = parts.at(-1);
  expect(file?.kind === 'document' && file.content.length).toBe(lines.join('\n').replace(/<\/?b>/g, '').length);
});

it('sends a text that fits five messages without a file', () => {
  const lines = Array.from({ length: 150 }, (_, at) => `line ${at} ${'y'.repeat(100)}`);
  const parts = textParts(lines, 'Order');
  expect(parts.length).toBeGreaterThan(3);
  expect(parts.every(({ kind }) => kind === 'text')).toBe(true);
});
