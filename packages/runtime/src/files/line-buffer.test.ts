import { expect, test } from 'vitest';
import { LineBuffer } from './line-buffer.ts';

test('returns all lines in order, in pieces of whole lines', () => {
  const lines = new LineBuffer();
  const added = Array.from({ length: 500 }, (_, index) => `${String(index)} ${'ชื่อ €😀'.repeat(index % 60)}\n`);
  // Longer than a piece.
  added.push(`${'é'.repeat(200_000)}\n`, 'last\n');
  const bytes = added.map((line) => lines.addLine(line));
  const pieces = lines.takeAll();
  expect(Buffer.concat(pieces).toString()).toBe(added.join(''));
  expect(pieces.length).toBeGreaterThan(2);
  for (const piece of pieces) expect(piece.toString().endsWith('\n')).toBe(true);
  expect(bytes.reduce((sum, one) => sum + one, 0)).toBe(Buffer.byteLength(added.join('')));
});

test('has nothing after all was taken, and takes lines again', () => {
  const lines = new LineBuffer();
  expect(lines.takeAll()).toEqual([]);
  lines.addLine('a\n');
  const [first] = lines.takeAll();
  expect(lines.takeAll()).toEqual([]);
  lines.addLine('b\n');
  expect(lines.takeAll().map(String)).toEqual(['b\n']);
  expect(String(first)).toBe('a\n');
});
