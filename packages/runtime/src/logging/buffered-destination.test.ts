import { expect, test, vi } from 'vitest';
import { bufferedDestination } from './buffered-destination.ts';

function setUp() {
  const written: string[] = [];
  const flush = vi.fn<(done: () => void) => void>((done) => done());
  const stream = bufferedDestination(
    { write: (text) => void written.push(text), flush },
    (text) => void written.push(text),
  );
  return { written, flush, stream };
}

test('lines are written together, a moment later', async () => {
  const { written, stream } = setUp();
  stream.write('a\n');
  stream.write('b\n');
  expect(written).toEqual([]);
  await expect.poll(() => written).toEqual(['a\nb\n']);
});

test('many lines do not wait', () => {
  const { written, stream } = setUp();
  const line = `${'x'.repeat(999)}\n`;
  for (let count = 0; count < 20; count += 1) stream.write(line);
  expect(written).toEqual([line.repeat(17)]);
});

test('a flush writes what waits, before it is done', () => {
  const { written, flush, stream } = setUp();
  stream.write('a\n');
  const done = vi.fn<() => void>();
  stream.flush(done);
  expect(written).toEqual(['a\n']);
  expect(flush).toHaveBeenCalledOnce();
  expect(done).toHaveBeenCalledOnce();
});
