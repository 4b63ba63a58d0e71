import { expect, test } from 'vitest';
import { midnightIn } from './midnight.ts';

test.each([
  ['Asia/Jakarta', '2026-09-01T05:30:15Z', '2026-08-31T17:00:00.000Z'],
  ['Asia/Singapore', '2026-08-31T16:00:00Z', '2026-08-31T16:00:00.000Z'],
  ['Asia/Singapore', '2026-08-31T15:59:59Z', '2026-08-30T16:00:00.000Z'],
  ['America/Sao_Paulo', '2026-09-01T02:59:00Z', '2026-08-31T03:00:00.000Z'],
  ['Asia/Kolkata', '2026-09-01T12:00:00Z', '2026-08-31T18:30:00.000Z'],
])('in %s the day of %s began at %s', (zone, now, midnight) => {
  expect(new Date(midnightIn(zone, Date.parse(now))).toISOString()).toBe(midnight);
});
