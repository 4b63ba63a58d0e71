import { createLogger } from '@shopee-webhook/runtime';
import { ShopeeError } from '@shopee-webhook/shopee';
import { expect, test } from 'vitest';
import { UpstreamUnavailableError } from '../upstreams/errors.ts';
import type { OrderRef } from './order-refresh.ts';
import { refreshMissing } from './missing-rows.ts';

function world(errors: Record<string, Error> = {}) {
  const requested: string[] = [];
  const orders: [OrderRef, string][] = [];
  const pushes: unknown[] = [];
  const jobs: string[] = [];
  const options: Parameters<typeof refreshMissing>[0] = {
    orderRefresh: {
      refreshOrder: async (order, source) => void orders.push([order, source]),
      enqueuePush: async (text) => {
        pushes.push(JSON.parse(text));
        return 'enqueued';
      },
    },
    accessTokens: { withToken: (shopId, call) => call({ shopId, accessToken: 'x' }) },
    shopee: {
      getReturnDetail: async ({ shopId }, sn) => {
        requested.push(`${shopId}:${sn}`);
        const error = errors[sn];
        if (error !== undefined) throw error;
        return { order_sn: `order of ${sn}`, return_sn: sn, item: [] } as never;
      },
    },
    jobStore: { request: async (name) => void jobs.push(name) },
    logger: createLogger({ name: 'test', level: 'silent' }),
  };
  return { options, orders, pushes, requested, jobs };
}

test('each order is refetched once, whichever of its rows are missing', async () => {
  const { options, orders } = world();
  const keys = ['9007199254740993:2611AB', '9007199254740993:2611AB:1', '7:X'];
  await refreshMissing(options, { spreadsheetId: 's', tab: 'Items', keys });
  expect(orders).toEqual([
    [{ shopId: '9007199254740993', sn: '2611AB' }, 'reconcile'],
    [{ shopId: '7', sn: 'X' }, 'reconcile'],
  ]);
});

test('a missing return is refetched through its order', async () => {
  const { options, pushes } = world();
  await refreshMissing(options, { spreadsheetId: 's', tab: 'Returns', keys: ['7:R1'] });
  expect(pushes).toMatchObject([{ code: 29, shop_id: 7, data: { order_sn: 'order of R1', return_sn: 'R1' } }]);
});

test('a return that cannot be fetched blocks no other', async () => {
  const badResponse = {
    code: 'error_of_2027',
    detail: '',
    path: '/x',
    kind: 'retry-later',
    isDocumented: false,
  } as const;
  const gone = { ...badResponse, code: 'error_not_found', kind: 'not-found', isDocumented: true } as const;
  const { options, pushes, requested } = world({
    bad: new ShopeeError(badResponse),
    gone: new ShopeeError(gone),
    unreachable: new UpstreamUnavailableError('shopee:8', 'not-authorized'),
  });
  const keys = ['7:R1', '7:bad', '7:gone', '8:unreachable', '8:R2', '7:R3'];
  expect(await refreshMissing(options, { spreadsheetId: 's', tab: 'Returns', keys })).toEqual([
    '7:bad',
    '8:unreachable',
    '8:R2',
  ]);
  expect(pushes).toMatchObject([{ data: { return_sn: 'R1' } }, { data: { return_sn: 'R3' } }]);
  // A shop that is unreachable is requested once.
  expect(requested).toEqual(['7:R1', '7:bad', '7:gone', '8:unreachable', '7:R3']);
});

test('missing transactions are read again by their job', async () => {
  const { options, orders, jobs } = world();
  expect(await refreshMissing(options, { spreadsheetId: 's', tab: 'Wallet', keys: ['7:222', '7:223'] })).toEqual([]);
  expect([jobs, orders]).toEqual([['wallet'], []]);
});
