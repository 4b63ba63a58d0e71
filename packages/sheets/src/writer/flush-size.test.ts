import { expect, test } from 'vitest';
import { FlushSize } from './flush-size.ts';

test('a flush begins at 2,000 rows and 1.5 MB, is halved while Google is slow, and grows again', () => {
  const size = new FlushSize();
  expect(size.limits).toEqual({ maxRows: 2_000, maxBytes: 1_500_000 });
  size.shrink();
  expect(size.limits).toEqual({ maxRows: 1_000, maxBytes: 750_000 });
  for (let n = 0; n < 20; n += 1) size.shrink();
  expect(size.limits.maxRows).toBe(50);
  for (let n = 0; n < 40; n += 1) size.grow();
  expect(size.limits).toEqual({ maxRows: 2_000, maxBytes: 1_500_000 });
});
