import {
  orderLines,
  ShopeeClient,
  ShopeeError,
  summarizeOrder,
  verifyPush,
  type ShopAuth,
} from '@shopee-webhook/shopee';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createShopee } from '../src/shopee/create-shopee.ts';
import type { Shopee } from '../src/shopee/shopee.ts';
import { createReceiver, type Receiver } from './push-receiver.ts';

const sg = 700_000_001;
let shopee: Shopee;
let receiver: Receiver;
let client: ShopeeClient;
let shop: ShopAuth;
let refreshToken: string;

async function setUp(errorStatus: number): Promise<void> {
  receiver = await createReceiver();
  shopee = await createShopee({ callbackUrl: receiver.url, settings: { errorStatus } });
  const { partnerId, partnerKey } = shopee.app;
  client = new ShopeeClient({ partnerId: String(partnerId), partnerKey, baseUrl: shopee.url });
  const pair = shopee.issueTokens(sg);
  shop = { shopId: String(sg), accessToken: pair.accessToken };
  refreshToken = pair.refreshToken;
}

afterEach(async () => {
  await shopee.close();
  await receiver.close();
});

function orders(count: number, steps: number): string[] {
  return Array.from({ length: count }, () => {
    const { sn } = shopee.orders.place(sg).record;
    for (let step = 0; step < steps; step += 1) shopee.orders.advance(sn);
    return sn;
  });
}

// Which HTTP status errors have is documented nowhere: 200 was measured, others may come.
describe.each([200, 403])("the product's client against the Shopee fake, errors with HTTP %i", (errorStatus) => {
  beforeEach(() => setUp(errorStatus));

  it('reads 50 orders with their escrows, and their money agrees', async () => {
    const sns = orders(50, 3);
    const details = await client.getOrderDetail(shop, sns);
    const escrows = await client.getEscrowDetails(shop, sns);
    expect(details.map((detail) => detail.order_sn)).toEqual(sns);
    for (const detail of details) {
      const escrow = escrows.get(detail.order_sn);
      const lines = orderLines(detail, escrow);
      const merchandise = lines.reduce((total, line) => total + (line.lineTotal ?? Number.NaN), 0);
      // A bundle's line total does not always divide evenly: a cent a line may be rounded.
      expect(merchandise).toBeCloseTo(escrow?.buyer_payment_info?.merchant_subtotal ?? Number.NaN, 1);
      expect(summarizeOrder(detail, escrow)).toMatchObject({
        status: 'SHIPPED',
        region: 'SG',
        total: detail.total_amount,
      });
    }
  });

  it('keeps all digits of long ids', async () => {
    const details = await client.getOrderDetail(shop, orders(50, 1));
    const ids = details.flatMap((detail) => detail.item_list.map((item) => item.promotion_id ?? ''));
    expect(ids.some((id) => /^18\d{18}$/.test(id))).toBe(true);
  });

  it('gets what there is of a batch with unknown and unpaid orders', async () => {
    const [paid = '', unpaid = ''] = [...orders(1, 3), ...orders(1, 0)];
    const details = await client.getOrderDetail(shop, [paid, 'UNKNOWN', unpaid]);
    expect(new Set(details.map((detail) => detail.order_sn))).toEqual(new Set([paid, unpaid]));
    expect([...(await client.getEscrowDetails(shop, [paid, 'UNKNOWN', unpaid])).keys()]).toEqual([paid]);
  });

  it('lists orders, escrows and returns by time', async () => {
    const [sn = ''] = orders(1, 5);
    shopee.orders.release(sn);
    const now = Math.floor(Date.now() / 1000);
    const window = { from: now - 100, to: now + 100 };
    const list = await client.getOrderList(shop, { ...window, field: 'update_time' });
    expect(list.order_list).toMatchObject([{ order_sn: sn, order_status: 'COMPLETED' }]);
    expect((await client.getEscrowList(shop, window)).escrow_list).toMatchObject([{ order_sn: sn }]);
    const entry = shopee.orders.requestReturn(sn).record.returns[0];
    const returns = await client.getReturnList(shop, { updatedFrom: now - 100, updatedTo: now + 100 });
    expect(JSON.stringify(returns)).toContain(entry?.sn);
    expect(await client.getReturnDetail(shop, entry?.sn ?? '')).toMatchObject({ order_sn: sn, status: 'REQUESTED' });
  });

  it('reads shops, tracking numbers and packages', async () => {
    const [sn = ''] = orders(1, 2);
    const [detail] = await client.getOrderDetail(shop, [sn]);
    const packageNumber = detail?.package_list[0]?.package_number ?? '';
    expect((await client.getTrackingNumber(shop, sn, packageNumber)).tracking_number).toMatch(/\d{11}$/);
    expect(await client.getPackageDetail(shop, [packageNumber])).toMatchObject([{ order_sn: sn }]);
    expect(await client.getShopInfo(shop)).toMatchObject({ shop_name: 'Kopi & Cotton SG', region: 'SG' });
    expect(await client.getShopsByPartner()).toHaveLength(4);
    expect(await client.getIpRanges()).toContain('127.0.0.0/8');
  });

  it('trades codes and refresh tokens, also when the response is lost', async () => {
    const code = shopee.tokens.code([`shop:${sg}`]);
    const pair = await client.exchangeCode({ code, shopId: String(sg) });
    expect(await client.getShopInfo({ ...shop, accessToken: pair.accessToken })).toMatchObject({ region: 'SG' });
    shopee.faults.add({ kind: 'response-lost', on: '/auth/' });
    const next = await client.refreshTokens({ refreshToken, shopId: String(sg) });
    expect(next.shopIds).toEqual([String(sg)]);
    expect(await client.getShopInfo({ ...shop, accessToken: next.accessToken })).toMatchObject({ region: 'SG' });
  });

  it.each([
    ['error_rate_limit', 'retry-later'],
    ['error_limit', 'retry-tomorrow'],
    ['error_sign', 'configuration'],
    ['invalid_acceess_token', 'refresh-token'],
    ['shop_no_linked', 'reauthorize'],
  ])('understands %s as %s', async (code, kind) => {
    shopee.faults.add({ kind: 'error', code });
    const error: unknown = await client.getShopInfo(shop).catch((caught: unknown) => caught);
    expect(error instanceof ShopeeError ? [error.code, error.kind] : error).toEqual([code, kind]);
  });

  it('reads and confirms lost pushes, and sets the callback URL', async () => {
    shopee.pushes.lost.add({ code: 3, shopId: sg, text: '{"code":3,"data":{}}' });
    const page = await client.getLostPushes();
    expect(page.pushes).toMatchObject([{ code: 3, shopId: String(sg), pushText: '{"code":3,"data":{}}' }]);
    await client.confirmLostPushes(page.lastMessageId ?? '');
    expect((await client.getLostPushes()).pushes).toEqual([]);
    await client.setPushConfig({ callbackUrl: receiver.url, disabledCodes: [5] });
    expect(await client.getPushConfig()).toMatchObject({
      callbackUrl: receiver.url,
      status: 'normal',
      disabledCodes: [5],
    });
  });

  it('verifies every push the fake sends', async () => {
    for (const sn of orders(3, 0)) await shopee.sendPushes(shopee.orders.advance(sn));
    const keys = [shopee.app.pushKey];
    for (const { body, headers } of receiver.received) {
      const authorization = headers.authorization ?? '';
      expect(verifyPush({ authorization, body: Buffer.from(body), urls: [receiver.url], keys })).toBeDefined();
    }
    expect(receiver.received).toHaveLength(3);
  });
});
