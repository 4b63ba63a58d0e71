import { expect, test } from 'vitest';
import { DayProgress } from './day-progress.ts';

function inProgress(maxPages = 8) {
  const done: number[] = [];
  return { done, days: new DayProgress({ maxPages, onDayDone: ({ to }) => done.push(to) }) };
}

test('a day completes when it is listed and its pages are written, in order', async () => {
  const { done, days } = inProgress();
  const [first, second, third] = [days.begin(1), days.begin(2), days.begin(3)];
  const page = Promise.withResolvers<void>();
  days.add(first, page.promise);
  days.listed(first);
  days.add(second, Promise.resolve());
  days.listed(second);
  await Promise.resolve();
  expect(done).toEqual([]);
  page.resolve();
  await days.ended();
  expect(done).toEqual([1, 2]);
  days.listed(third);
  expect(done).toEqual([1, 2, 3]);
});

test('the number of concurrent pages is limited', async () => {
  const { days } = inProgress(1);
  const page = Promise.withResolvers<void>();
  days.add(days.begin(1), page.promise);
  const order: string[] = [];
  const room = days.hasCapacity().then(() => order.push('room'));
  order.push('full');
  page.resolve();
  await room;
  expect(order).toEqual(['full', 'room']);
});

test('a failed page ends it, and neither its day nor a later one completes', async () => {
  const { done, days } = inProgress(1);
  const [first, second] = [days.begin(1), days.begin(2)];
  days.add(first, Promise.reject(new Error('revoked')));
  days.listed(first);
  await expect(days.hasCapacity()).rejects.toThrow('revoked');
  days.add(second, Promise.resolve());
  days.listed(second);
  await expect(days.ended()).rejects.toThrow('revoked');
  expect(done).toEqual([]);
});
