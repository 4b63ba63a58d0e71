import type { StoredActivityEntry } from '@shopee-webhook/store';
import { expect, test } from 'vitest';
import { LiveFeed } from './live-feed.ts';

const text = JSON.stringify([
  ['1-0', ['id', 'a', 'step', 'queued']],
  ['2-0', ['id', 'a', 'step', 'taken']],
]);

function spooled(count: number): StoredActivityEntry[] {
  return Array.from({ length: count }, (_, at) => ({ id: 'b', step: 'spooled', at, entryId: `s${String(at)}` }));
}

test('publishes to its listeners', () => {
  const feed = new LiveFeed();
  const notified: string[] = [];
  const end = feed.subscribe((entries) => notified.push(...entries.map(({ entryId }) => entryId)));
  feed.publishStream(text, '2-0');
  feed.publishSpool(spooled(1));
  end();
  feed.publishStream(text, '3-0');
  expect(notified).toEqual(['1-0', '2-0', 's0']);
});

test('replays spooled entries after the last entry of the stream and after each other', () => {
  const feed = new LiveFeed();
  feed.publishStream(text, '2-0');
  feed.publishSpool(spooled(3));
  expect(feed.since('2-0')?.map(({ entryId }) => entryId)).toEqual(['s0', 's1', 's2']);
  expect(feed.since('s1')?.map(({ entryId }) => entryId)).toEqual(['s2']);
  expect(feed.since('1-0')).toBeUndefined();
  feed.publishStream(text, '3-0');
  expect(feed.since('3-0')).toEqual([]);
  expect(feed.since('s2')).toBeUndefined();
});

test('does not claim to be complete when it has only the last entries', () => {
  const feed = new LiveFeed();
  feed.publishStream(text, '2-0');
  feed.publishSpool(spooled(5_000));
  expect(feed.since('2-0')).toBeUndefined();
  expect(feed.since('s0')).toBeUndefined();
  expect(feed.since('s4998')).toHaveLength(1);
});
