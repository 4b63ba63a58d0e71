import { expect, it } from 'vitest';
import { ChatLimiter, groupLimits } from './chat-limiter.ts';

it('lets twenty messages a minute pass at one a second', () => {
  const limiter = new ChatLimiter(groupLimits);
  const waits = Array.from({ length: 21 }, (_, second) => limiter.pass(second * 1000));
  expect(waits.slice(0, 20)).toEqual(Array(20).fill(0));
  expect(waits[20]).toBe(40);
});

it('tolerates a short burst and then asks for a pause', () => {
  const limiter = new ChatLimiter(groupLimits);
  expect([limiter.pass(0), limiter.pass(0), limiter.pass(0), limiter.pass(0)]).toEqual([0, 0, 0, 1]);
});

it('lengthens the pause for those who keep calling', () => {
  const limiter = new ChatLimiter({ perMinute: 20, perSecond: 1, burst: 1 });
  limiter.pass(0);
  expect([limiter.pass(1), limiter.pass(2), limiter.pass(3)]).toEqual([1, 2, 3]);
  expect(limiter.pass(3000)).toBe(0);
});
