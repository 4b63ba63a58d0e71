import { expect, it } from 'vitest';
import { Limiter, restoreState, shiftState } from './limiter.ts';

it('keeps a second between messages', () => {
  const limiter = new Limiter();
  expect(limiter.waitMs(10_000, 2)).toBe(0);
  limiter.record(10_000);
  expect(limiter.waitMs(10_300, 0)).toBe(700);
});

it('reserves a share of the minute for urgent events and a larger one for alerts', () => {
  const limiter = new Limiter();
  for (let at = 0; at < 10; at += 1) limiter.record(at * 1_000);
  expect(limiter.waitMs(11_000, 2)).toBe(49_000);
  expect(limiter.waitMs(11_000, 1)).toBe(0);
  limiter.record(11_000);
  limiter.record(12_000);
  expect(limiter.waitMs(13_000, 1)).toBe(47_000);
  for (let at = 13; at < 19; at += 1) {
    expect(limiter.waitMs(at * 1_000, 0)).toBe(0);
    limiter.record(at * 1_000);
  }
  expect(limiter.waitMs(20_000, 0)).toBe(40_000);
});

it('never lets more than 18 pass in any minute, nor two within a second', () => {
  const limiter = new Limiter();
  const sent: number[] = [];
  for (let now = 0; now < 600_000; now += 100) {
    if (limiter.waitMs(now, 0) > 0) continue;
    limiter.record(now);
    sent.push(now);
  }
  for (const at of sent)
    expect(sent.filter((other) => other >= at && other < at + 60_000).length).toBeLessThanOrEqual(18);
  for (const [index, at] of sent.entries()) expect(at - (sent[index - 1] ?? -Infinity)).toBeGreaterThanOrEqual(1_000);
  expect(sent.length).toBe(180);
});

it('pauses for all priorities after a 429, and restores that with its window', () => {
  const limiter = new Limiter();
  limiter.record(1_000);
  limiter.pause(2_000, 59_000);
  limiter.pause(2_000, 28_000);
  const later = new Limiter(undefined, limiter.state);
  expect(later.waitMs(5_000, 0)).toBe(56_000);
  expect(later.waitMs(61_000, 0)).toBe(0);
});

it('restores a pause in full, and no message of the future, when the clock stepped back before a restart', () => {
  const limiter = new Limiter();
  const hour = 3_600_000;
  for (let at = 0; at < 18; at += 1) limiter.record(hour + at * 1_000);
  limiter.pause(hour + 18_000, 30_000);
  expect(limiter.waitMs(hour + 18_000, 0)).toBe(42_000);
  const later = new Limiter(undefined, shiftState(restoreState(limiter.state, 18_000), 18_000, 7));
  expect(later.waitMs(7, 0)).toBe(30_000);
  expect(later.waitMs(30_007, 0)).toBe(0);
  later.record(30_007);
  expect(later.waitMs(30_107, 0)).toBe(900);
});
