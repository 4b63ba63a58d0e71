import { describe, expect, test } from 'vitest';
import { ShopeeClient, escrowSchema } from '../src/index.ts';
import { sampleNames, sampleText } from './samples.ts';
import { startStub } from './stub-server.ts';

const shop = { shopId: '700000001', accessToken: '00112233445566778899aabbccddeeff' };
const now = 1_788_220_800_000;
const sn = '260901K7QWE8RT';

interface SampleCase {
  call: (client: ShopeeClient) => Promise<unknown>;
  request: string;
  expected: unknown;
}

const orderDetail = (expected: Record<string, unknown>): SampleCase => ({
  call: (client) => client.getOrderDetail(shop, [sn]),
  request: 'GET /api/v2/order/get_order_detail',
  expected: [{ shop_id: '700000001', ...expected }],
});

const escrow = (expected: Record<string, unknown>): SampleCase => ({
  call: (client) => client.getEscrowDetail(shop, sn),
  request: 'GET /api/v2/payment/get_escrow_detail',
  expected: { order_sn: sn, ...expected },
});

const escrowBatch = (expected: Map<string, unknown>): SampleCase => ({
  call: (client) => client.getEscrowDetails(shop, [sn]),
  request: 'POST /api/v2/payment/get_escrow_detail_batch',
  expected,
});

const exchange = (expected: Record<string, unknown>): SampleCase => ({
  call: (client) => client.exchangeCode({ code: 'c', shopId: '700000001' }),
  request: 'POST /api/v2/auth/token/get',
  expected: {
    accessToken: '00112233445566778899aabbccddeeff',
    refreshToken: 'ffeeddccbbaa99887766554433221100',
    refreshExpiresAt: now + 30 * 86_400_000,
    ...expected,
  },
});

const lostPushes = (expected: Record<string, unknown>): SampleCase => ({
  call: (client) => client.getLostPushes(),
  request: 'GET /api/v2/push/get_lost_push_message',
  expected,
});

const pushConfig = (expected: Record<string, unknown>): SampleCase => ({
  call: (client) => client.getPushConfig(),
  request: 'GET /api/v2/push/get_app_push_config',
  expected: { callbackUrl: 'https://hook.example.com/shopee/push', blockedShopIds: [], ...expected },
});

const trackingNumber = (expected: Record<string, unknown>): SampleCase => ({
  call: (client) => client.getTrackingNumber(shop, sn),
  request: 'GET /api/v2/logistics/get_tracking_number',
  expected,
});

const cases: Record<string, SampleCase> = {
  'auth.access_token_get': {
    call: (client) => client.refreshTokens({ refreshToken: 'r', shopId: '700000001' }),
    request: 'POST /api/v2/auth/access_token/get',
    expected: { expiresAt: now + 14_400_000, shopIds: ['700000001'], merchantIds: [] },
  },
  'auth.token_get.shop': exchange({ expiresAt: now + 14_400_000, shopIds: [] }),
  'auth.token_get.main_account': exchange({ shopIds: ['700000001', '700000002'], merchantIds: ['800001'] }),
  'auth.token_get.doc-epoch-expire_in': exchange({ expiresAt: 1_788_235_200_000 }),
  'logistics.get_tracking_info.doc-shape': {
    call: (client) => client.getTrackingInfo(shop, sn),
    request: 'GET /api/v2/logistics/get_tracking_info',
    expected: {
      logistics_status: 'LOGISTICS_DELIVERY_FAILED',
      tracking_info: [{ logistics_status: 'FAILED_DELIVERED' }],
    },
  },
  'logistics.get_tracking_number': trackingNumber({ tracking_number: 'SPXSG000000000001' }),
  'logistics.get_tracking_number.not-yet': trackingNumber({ tracking_number: '' }),
  'order.get_order_detail.ready_to_ship': orderDetail({
    order_status: 'READY_TO_SHIP',
    total_amount: 31.99,
    buyer_cpf_id: undefined,
    payment_info: [],
    invoice_data: undefined,
    item_list: [
      { item_id: '900000001', model_discounted_price: 15, model_quantity_purchased: 2, product_location_id: ['SGZ'] },
    ],
    package_list: [{ group_shipment_id: undefined, item_list: [{ product_location_id: ['SGZ'] }] }],
  }),
  'order.get_order_detail.processed': orderDetail({ order_status: 'PROCESSED' }),
  'order.get_order_detail.shipped': orderDetail({ order_status: 'SHIPPED' }),
  'order.get_order_detail.completed': orderDetail({
    order_status: 'COMPLETED',
    return_request_due_date: 1_790_120_800,
  }),
  'order.get_order_detail.cancelled': orderDetail({ order_status: 'CANCELLED' }),
  'order.get_order_detail.unpaid': orderDetail({
    pay_time: undefined,
    pickup_done_time: undefined,
  }),
  'order.get_order_detail.default-fields-only': orderDetail({
    item_list: [],
    package_list: [],
  }),
  'order.get_order_detail.cod-masked-vn': orderDetail({
    cod: true,
    currency: 'VND',
    pay_time: 1_788_436_800,
    dropshipper: undefined,
  }),
  'order.get_order_detail.bundle-deal-zero-price': orderDetail({ item_list: [{ model_discounted_price: 0 }, {}] }),
  'order.get_order_list.page1': {
    call: (client) => client.getOrderList(shop, { from: 1, to: 2, field: 'update_time' }),
    request: 'GET /api/v2/order/get_order_list',
    expected: { more: true, next_cursor: '2', order_list: [{ order_sn: sn, order_status: 'PROCESSED' }, {}] },
  },
  'order.get_order_list.last-page': {
    call: (client) => client.getOrderList(shop, { from: 1, to: 2, field: 'create_time', cursor: '2' }),
    request: 'GET /api/v2/order/get_order_list',
    expected: { more: false, next_cursor: '', order_list: [{ order_sn: '260902COD9TEST' }] },
  },
  'order.get_package_detail.doc-shape': {
    call: (client) => client.getPackageDetail(shop, ['OFG100000000000001']),
    request: 'GET /api/v2/order/get_package_detail',
    expected: [{ order_sn: sn, package_number: 'OFG100000000000001', fulfillment_status: 'LOGISTICS_READY' }],
  },
  'payment.get_escrow_detail': escrow({ order_income: { escrow_amount: 30.7, items: [{ discounted_price: 30 }] } }),
  'payment.get_escrow_detail.with-adjustment': escrow({
    order_income: { escrow_amount_after_adjustment: 25.2, order_adjustment: [{ amount: -5.5 }] },
  }),
  'payment.get_escrow_detail.all-documented-fields': escrow({
    order_income: {
      tenure_info_list: [{ instalment_plan: '-' }],
      net_commission_fee_info_list: [{ fee_amount: 0.1 }],
      net_service_fee_info_list: [{ fee_amount: 0.1 }],
    },
  }),
  'payment.get_escrow_detail_batch': escrowBatch(
    new Map([
      [sn, { order_income: { escrow_amount: 30.7 } }],
      ['260901M3ZXC5VB', { order_sn: '260901M3ZXC5VB' }],
    ]),
  ),
  'payment.get_escrow_detail_batch.doc-shape': escrowBatch(
    new Map([[sn, { order_income: { escrow_amount: 37_719 } }]]),
  ),
  'payment.get_escrow_detail_batch.partial-failure-doc': escrowBatch(new Map()),
  'payment.get_escrow_list': {
    call: (client) => client.getEscrowList(shop, { from: 1, to: 2 }),
    request: 'GET /api/v2/payment/get_escrow_list',
    expected: {
      more: true,
      escrow_list: [{ order_sn: sn, payout_amount: 30.7, escrow_release_time: 1_788_920_800 }, {}],
    },
  },
  'public.get_shopee_ip_ranges': {
    call: (client) => client.getIpRanges(),
    request: 'GET /api/v2/public/get_shopee_ip_ranges',
    expected: ['192.0.2.0/24', '198.51.100.0/24'],
  },
  'public.get_shops_by_partner.doc-shape': {
    call: (client) => client.getShopsByPartner(),
    request: 'GET /api/v2/public/get_shops_by_partner',
    expected: [{ shopId: '700000001', region: 'TW', authorizedAt: 1_788_221_800, expiresAt: 1_788_221_800 }],
  },
  'push.confirm_consumed_lost_push_message': {
    call: (client) => client.confirmLostPushes('176610'),
    request: 'POST /api/v2/push/confirm_consumed_lost_push_message',
    expected: undefined,
  },
  'push.get_app_push_config': pushConfig({ status: 'normal', suspendedAt: undefined, enabledCodes: [1, 2, 3, 4, 12] }),
  'push.get_app_push_config.suspended': pushConfig({ status: 'suspended', suspendedAt: 1_788_223_800 }),
  'push.get_lost_push_message': lostPushes({
    hasNextPage: false,
    lastMessageId: '176610',
    pushes: [{ code: 3, shopId: '700000001', lostAt: 1_788_235_800 }, { code: 4 }, { code: 1, shopId: undefined }],
  }),
  'push.get_lost_push_message.dash-error': lostPushes({
    hasNextPage: true,
    lastMessageId: '176611',
    pushes: [{ code: 3 }],
  }),
  'push.get_lost_push_message.empty': lostPushes({ hasNextPage: false, lastMessageId: undefined, pushes: [] }),
  'push.set_app_push_config': {
    call: (client) => client.setPushConfig({ enabledCodes: [3, 4] }),
    request: 'POST /api/v2/push/set_app_push_config',
    expected: undefined,
  },
  'returns.get_return_detail.doc-shape': {
    call: (client) => client.getReturnDetail(shop, '2609030RET00001'),
    request: 'GET /api/v2/returns/get_return_detail',
    expected: {
      order_sn: sn,
      status: 'ACCEPTED',
      refund_amount: 13.97,
      negotiation_status: 'PENDING_RESPOND',
      seller_proof_status: 'PENDING',
      return_solution: 0,
      item: [{ amount: 1, item_price: 10 }],
    },
  },
  'returns.get_return_list.doc-shape': {
    call: (client) => client.getReturnList(shop, { updatedFrom: 1, updatedTo: 2 }),
    request: 'GET /api/v2/returns/get_return_list',
    expected: {
      more: true,
      return: [{ return_sn: '2609030RET00001', status: 'CANCELLED', seller_proof_status: 'PENDING' }],
    },
  },
  'shop.get_shop_info.doc-shape': {
    call: (client) => client.getShopInfo(shop),
    request: 'GET /api/v2/shop/get_shop_info',
    expected: {
      shop_name: 'example_shop',
      region: 'MY',
      status: 'NORMAL',
      merchant_id: undefined,
      expire_time: 1_788_221_800,
    },
  },
};

describe('the API samples', () => {
  test('each has a call here; the error catalogue has a test of its own', () => {
    const names = sampleNames('api').map((name) => name.replace(/\.json$/, ''));
    expect(names.filter((name) => name !== 'errors.catalogue').sort()).toEqual(Object.keys(cases).sort());
  });

  test.each(Object.entries(cases))('%s is read', async (name, { call, request, expected }) => {
    await using stub = await startStub(() => ({ body: sampleText(`api/${name}.json`) }));
    const client = new ShopeeClient({ partnerId: '1000001', partnerKey: 'k', baseUrl: stub.url, now: () => now });
    const result = await call(client);
    expect(stub.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([request]);
    expect(plain(result)).toMatchObject({ result: plain(expected).result });
  });
});

describe('the escrow samples', () => {
  const names = sampleNames('api').filter((name) => name.startsWith('payment.get_escrow_detail.'));

  test.each(names)('%s keeps every amount of the income and of its lines', (name) => {
    const { response } = JSON.parse(sampleText(`api/${name}`)) as { response: { order_income: Income } };
    const { order_income: income } = escrowSchema.parse(response);
    // Of what is documented nowhere only what is not 0.
    const given = Object.entries(amountsOf(response.order_income)).filter(
      ([key, amount]) => amount !== 0 || key in income,
    );
    expect({ ...amountsOf(income), ...income.unknown_amounts }).toEqual(Object.fromEntries(given));
    expect(income.items.map(amountsOf)).toEqual(response.order_income.items.map(amountsOf));
  });
});

interface Income extends Record<string, unknown> {
  items: Record<string, unknown>[];
}

/** All numbers but ids. */
function amountsOf(record: Record<string, unknown>): Record<string, unknown> {
  const isAmount = ([name, value]: [string, unknown]) => typeof value === 'number' && !name.endsWith('_id');
  return Object.fromEntries(Object.entries(record).filter(isAmount));
}

/** toMatchObject looks into objects only, and not into the values of a Map. */
function plain(value: unknown): { result: unknown } {
  return { result: value instanceof Map ? Object.fromEntries(value) : value };
}
