import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ResponseStats, summarizeResponses } from './response-stats.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'answers-'));
afterAll(() => rmSync(dataDir, { recursive: true }));

test('counts answers by minute over 6 h, and keeps them over a restart', async () => {
  let now = 1_788_220_800_000;
  const counts = new ResponseStats({ dataDir, now: () => now });
  counts.record('queued', 3);
  counts.record('queued', 2_500);
  now += 60_000;
  counts.record('unauthorized', 1);
  const first = 1_788_220_800_000 / 60_000;
  const expected = [
    { minute: first, counts: { queued: 2, slow: 1 } },
    { minute: first + 1, counts: { unauthorized: 1 } },
  ];
  expect(counts.minutes()).toEqual(expected);
  await counts.save();
  const next = new ResponseStats({ dataDir, now: () => now });
  await next.load();
  expect(next.minutes()).toEqual(expected);
  now += 359 * 60_000;
  expect(next.minutes()).toEqual([expected[1]]);
});

test('the success rate leaves out requests that Shopee never signed, and counts late responses as failed', () => {
  const counts = new ResponseStats({ dataDir, now: () => 1_788_220_800_000 });
  for (let n = 0; n < 8; n += 1) counts.record('queued', n < 2 ? 2_500 : 5);
  counts.record('unauthorized', 1, { isUnsigned: true });
  counts.record('unauthorized', 1);
  counts.record('unavailable', 1);
  expect(summarizeResponses(counts.minutes())).toEqual({
    pushes: 10,
    accepted: 8,
    rejected: 2,
    slow: 2,
    successRate: 0.6,
  });
});
