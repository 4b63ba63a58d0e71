import { expect, test } from 'vitest';
import { refreshMissing } from './missing-rows.ts';

test('each order that is gone is queued once to be fetched again, whichever of its rows are missing', async () => {
  const queued: [string, unknown][] = [];
  const queue = {
    enqueue: async (text: string, options?: object) => {
      queued.push([text, options]);
      return { kind: 'enqueued', id: '1' } as const;
    },
  };
  const report = refreshMissing({ queue, orderEventCode: 3, maxRetries: 5, now: () => 1_790_000_000_000 });
  const keys = ['9007199254740993:2611AB', '9007199254740993:2611AB:1', '7:X'];
  await report({ spreadsheetId: 's', tab: 'Items', keys });
  expect(queued).toEqual([
    [
      '{"code":3,"shop_id":9007199254740993,"timestamp":1790000000,"data":{"ordersn":"2611AB"}}',
      { source: 'refresh', maxRetries: 5 },
    ],
    ['{"code":3,"shop_id":7,"timestamp":1790000000,"data":{"ordersn":"X"}}', { source: 'refresh', maxRetries: 5 }],
  ]);
});
