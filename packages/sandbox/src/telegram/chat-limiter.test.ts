import { expect, it } from 'vitest';
import { ChatLimiter, groupLimits } from './chat-limiter.ts';

it('lets twenty messages a minute pass at one a second', () => {
  const limiter = new ChatLimiter(groupLimits);
  const waits = Array.from({ length: 21 }, (_, second) => limiter.acquire(second * 1000));
  expect(waits.slice(0, 20)).toEqual(Array(20).fill(0));
  expect(waits[20]).toBe(40);
});

it('tolerates a short burst and then requests a pause', () => {
  const limiter = new ChatLimiter(groupLimits);
  expect([limiter.acquire(0), limiter.acquire(0), limiter.acquire(0), limiter.acquire(0)]).toEqual([0, 0, 0, 1]);
});

it('lengthens the pause for those who keep calling', () => {
  const limiter = new ChatLimiter({ perMinute: 20, perSecond: 1, burst: 1 });
  limiter.acquire(0);
  expect([limiter.acquire(1), limiter.acquire(2), limiter.acquire(3)]).toEqual([1, 2, 3]);
  expect(limiter.acquire(3000)).toBe(0);
});
