import { expect, test } from 'vitest';
import { ByteLines } from './byte-lines.ts';

test('gives back all lines in order, in pieces of whole lines', () => {
  const lines = new ByteLines();
  const added = Array.from({ length: 500 }, (_, index) => `${String(index)} ${'ชื่อ €😀'.repeat(index % 60)}\n`);
  // Longer than a piece.
  added.push(`${'é'.repeat(200_000)}\n`, 'last\n');
  const bytes = added.map((line) => lines.add(line));
  const pieces = lines.take();
  expect(Buffer.concat(pieces).toString()).toBe(added.join(''));
  expect(pieces.length).toBeGreaterThan(2);
  for (const piece of pieces) expect(piece.toString().endsWith('\n')).toBe(true);
  expect(bytes.reduce((sum, one) => sum + one, 0)).toBe(Buffer.byteLength(added.join('')));
});

test('has nothing after all was taken, and takes lines again', () => {
  const lines = new ByteLines();
  expect(lines.take()).toEqual([]);
  lines.add('a\n');
  const [first] = lines.take();
  expect(lines.take()).toEqual([]);
  lines.add('b\n');
  expect(lines.take().map(String)).toEqual(['b\n']);
  expect(String(first)).toBe('a\n');
});
