import { expect, test } from 'vitest';
import { progressLine } from './progress.ts';

test('a backfill shows a bar, counts, rate and time left', () => {
  const result = { share: 0.25, listed: 12_800, written: 12_500, failed: 2, perMinute: 6_240, leftMs: 4_500_000 };
  expect(progressLine(result)).toBe(
    '██████░░░░░░░░░░░░░░░░░░  25 %  12,500 written of 12,800 listed  2 failed  6,240/min  75 min left',
  );
  expect(progressLine({ ...result, failed: 0, leftMs: 40_000 })).toContain('listed  6,240/min  40 s left');
  expect(progressLine({ ...result, leftMs: 11_100_000 })).toContain('3 h 5 min left');
});

test('at the start the time left is unknown', () => {
  expect(progressLine({ share: 0, listed: 0, written: 0, leftMs: null })).toBe(
    '░░░░░░░░░░░░░░░░░░░░░░░░   0 %  0 written of 0 listed',
  );
  expect(progressLine(null)).toBe('');
  expect(progressLine({ checked: 5 })).toBe('');
});
