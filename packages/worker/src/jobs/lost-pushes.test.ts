import type { LostPushPage } from '@shopee-webhook/shopee';
import { expect, test } from 'vitest';
import { lostPushesJob } from './lost-pushes.ts';

const push = (sn: string) => ({
  pushText: `{"code":3,"shop_id":1,"timestamp":1,"data":{"ordersn":"${sn}"}}`,
  code: 3,
  shopId: '1',
  lostAt: 1,
});

/** Runs the job on these pages; what it queued and confirmed, in order, and how it ended. */
async function run(pages: LostPushPage[]): Promise<string[]> {
  const done: string[] = [];
  const job = lostPushesJob({
    shopee: {
      getLostPushes: async () => pages.shift() ?? { pushes: [], hasNextPage: false, lastMessageId: undefined },
      confirmLostPushes: async (id) => void done.push(`confirmed ${id}`),
    },
    tokens: { get: async () => undefined },
    alerts: { raise: async () => undefined, resolve: async () => undefined },
    findSpreadsheet: () => 's',
    orderRefresh: {
      enqueuePush: async (text) => {
        done.push(`queued ${/"ordersn":"(\w+)"/.exec(text)?.[1] ?? '?'}`);
        return 'enqueued';
      },
    },
  });
  const { signal } = new AbortController();
  await job
    .run({ signal, options: {}, last: undefined, interrupted: undefined, progress: () => undefined })
    .catch((error: unknown) => done.push(String(error)));
  return done;
}

test('a page is queued before it is confirmed, and an empty one is never confirmed', async () => {
  const pages = [
    { pushes: [push('A'), push('B')], hasNextPage: true, lastMessageId: '7' },
    { pushes: [], hasNextPage: false, lastMessageId: '9' },
  ];
  expect(await run(pages)).toEqual(['queued A', 'queued B', 'confirmed 7']);
});

test('pushes without an id to confirm are queued, and the run fails', async () => {
  const pages = [{ pushes: [push('A')], hasNextPage: true, lastMessageId: undefined }];
  expect(await run(pages)).toEqual(['queued A', expect.stringContaining('without an id')]);
});
