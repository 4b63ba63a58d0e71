import { expect, test } from 'vitest';
import type { OrderRef } from './refresher.ts';
import { refreshMissing } from './missing-rows.ts';

function world() {
  const orders: [OrderRef, string][] = [];
  const pushes: unknown[] = [];
  const options: Parameters<typeof refreshMissing>[0] = {
    refresher: {
      refresh: async (order, source) => void orders.push([order, source]),
      put: async (text) => {
        pushes.push(JSON.parse(text));
        return 'enqueued';
      },
    },
    keeper: { use: (_shop, call) => call({ shopId: '7', accessToken: 'x' }) },
    shopee: {
      getReturnDetail: async (_auth, sn) => ({ order_sn: `order of ${sn}`, return_sn: sn, item: [] }) as never,
    },
  };
  return { options, orders, pushes };
}

test('each order that is gone is fetched again once, whichever of its rows are missing', async () => {
  const { options, orders } = world();
  const keys = ['9007199254740993:2611AB', '9007199254740993:2611AB:1', '7:X'];
  await refreshMissing(options, { spreadsheetId: 's', tab: 'Items', keys });
  expect(orders).toEqual([
    [{ shopId: '9007199254740993', sn: '2611AB' }, 'reconcile'],
    [{ shopId: '7', sn: 'X' }, 'reconcile'],
  ]);
});

test('a return that is gone comes back through its order', async () => {
  const { options, pushes } = world();
  await refreshMissing(options, { spreadsheetId: 's', tab: 'Returns', keys: ['7:R1'] });
  expect(pushes).toMatchObject([{ code: 29, shop_id: 7, data: { order_sn: 'order of R1', return_sn: 'R1' } }]);
});
