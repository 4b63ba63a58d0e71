import { describe, expect, test } from 'vitest';
import {
  type CallInfo,
  Limiter,
  ShopeeClient,
  type ShopeeClientOptions,
  ShopeeError,
  optionalOrderFields,
  parsePush,
  signRequest,
} from '../src/index.ts';
import { sampleText } from './samples.ts';
import { type StubReply, type StubRequest, drop, hang, startStub, trickle } from './stub-server.ts';

const shop = { shopId: '700000001', accessToken: '00112233445566778899aabbccddeeff' };
const now = 1_788_220_800_000;
const partnerKey = 'test-partner-key-not-a-credential';

const clientOf = (baseUrl: string, options: Partial<ShopeeClientOptions> = {}) =>
  new ShopeeClient({ partnerId: '1000001', partnerKey, baseUrl, now: () => now, ...options });

const fine = (response: unknown): StubReply => ({ body: { error: '', message: '', request_id: 'r1', response } });
const rejection = (error: string, message = '', status = 200): StubReply => ({
  status,
  body: { error, message, request_id: 'r1' },
});

const caseSample = (name: string): StubReply => ({ body: JSON.parse(sampleText(`cases/${name}.json`)) as object });

/** The ShopeeError that a call ends in. */
async function faultOf(promise: Promise<unknown>): Promise<ShopeeError> {
  const error: unknown = await promise.then(
    () => new Error('no error'),
    (error: unknown) => error,
  );
  if (error instanceof ShopeeError) return error;
  throw new TypeError('not a ShopeeError', { cause: error });
}

describe('a call', () => {
  test('of a shop is signed over path, time, token and shop, in the query', async () => {
    await using stub = await startStub(() => fine({ order_list: [] }));
    await clientOf(`${stub.url}/`).getOrderDetail(shop, ['A', 'B']);
    const [{ path, query }] = stub.requests as [StubRequest];
    expect(path).toBe('/api/v2/order/get_order_detail');
    expect(Object.fromEntries(query)).toEqual({
      partner_id: '1000001',
      timestamp: '1788220800',
      // The computed vector for this shop, token and time.
      sign: 'bfbe685722f29a77c4f17cb5043cb71db9487bdb1490de147d2c6df51f65d3d3',
      access_token: shop.accessToken,
      shop_id: shop.shopId,
      order_sn_list: 'A,B',
      request_order_status_pending: 'true',
      response_optional_fields: optionalOrderFields.join(','),
    });
  });

  test('of the app is signed without token and shop, and its JSON body is not signed', async () => {
    await using stub = await startStub(() => fine(undefined));
    await clientOf(stub.url).confirmLostPushes('18446744073709551615');
    const [{ query, body, path }] = stub.requests as [StubRequest];
    const sign = signRequest(partnerKey, { partnerId: '1000001', path, timestamp: 1_788_220_800 });
    expect(Object.fromEntries(query)).toEqual({ partner_id: '1000001', timestamp: '1788220800', sign });
    expect(body).toBe('{"last_message_id":18446744073709551615}');
  });

  test('of the token endpoints carries ids as integers', async () => {
    await using stub = await startStub(() => ({ body: { access_token: 'a', refresh_token: 'b', expire_in: 14_400 } }));
    const client = clientOf(stub.url);
    await client.exchangeCode({ code: 'c"1', mainAccountId: '60001' });
    await client.refreshTokens({ refreshToken: 'r', shopId: '700000001' });
    expect(stub.requests.map(({ body }) => body)).toEqual([
      '{"code":"c\\"1","main_account_id":60001,"partner_id":1000001}',
      '{"refresh_token":"r","shop_id":700000001,"partner_id":1000001}',
    ]);
  });

  test('is called at the end, after success and failure', async () => {
    await using stub = await startStub((_request, count) => (count === 1 ? fine({}) : rejection('error_server')));
    const calls: CallInfo[] = [];
    const client = clientOf(stub.url, { onCall: (info) => calls.push(info) });
    await client.getShopInfo(shop);
    await faultOf(client.getIpRanges());
    expect(calls).toMatchObject([
      { path: '/api/v2/shop/get_shop_info', shopId: '700000001', error: undefined },
      { path: '/api/v2/public/get_shopee_ip_ranges', shopId: undefined, error: 'error_server' },
    ]);
    for (const { ms } of calls) expect(ms).toBeGreaterThan(0);
  });
});

describe('a response', () => {
  test.each([
    ['an empty error', 200, ''],
    ['a dash, as the pages print', 200, '-'],
    ['a space, as a page prints', 200, ' '],
    ['an empty error under HTTP 500', 500, ''],
  ])('with %s is a success', async (_what, status, error) => {
    await using stub = await startStub(() => ({ status, body: { error, response: { shop_name: 'Shop' } } }));
    expect(await clientOf(stub.url).getShopInfo(shop)).toMatchObject({ shop_name: 'Shop' });
  });

  test.each([
    ['a rejection under HTTP 200', rejection('error_param', 'Wrong parameters'), 'bad-request', 'error_param'],
    ['a rejection under HTTP 403', rejection('source_ip_undeclared', '', 403), 'configuration', 'source_ip_undeclared'],
    ['a prefixed rejection', rejection('common.error_auth', 'Invalid access_token.'), 'refresh-token', 'error_auth'],
    ['a page', { body: '<html>Bad gateway</html>', status: 502 }, 'retry-later', 'not-json'],
    ['a page where the API should be', { body: '<html>Not found</html>', status: 404 }, 'unrouted', 'not-json'],
    ['a redirect', { body: '', status: 308, headers: { location: 'http://127.0.0.1:9/' } }, 'unrouted', 'not-json'],
    [
      'a path that is not served',
      { ...caseSample('http-404.unrouted-path'), status: 404 },
      'unrouted',
      'error_not_found',
    ],
    ['an unknown order', { ...caseSample('http-404.order-not-found'), status: 404 }, 'not-found', 'error_not_found'],
    ['no permission', caseSample('error_permission'), 'configuration', 'error_permission'],
    ['a wrong shop', caseSample('error_shop'), 'configuration', 'error_shop'],
    ['nothing', { body: '' }, 'retry-later', 'not-json'],
    ['a list', { body: [] }, 'retry-later', 'not-json'],
    ['half a response', { body: '{"error":"","resp' }, 'retry-later', 'not-json'],
    ['a failure without words', { body: {}, status: 500 }, 'retry-later', 'http-500'],
    ['too many requests by status', { body: {}, status: 429 }, 'retry-later', 'http-429'],
    ['an unknown rejection', rejection('error_of_2027', 'New.'), 'retry-later', 'error_of_2027'],
    ['a closed connection', { body: drop }, 'retry-later', 'network'],
  ])('that is %s is a ShopeeError', async (_what, reply: StubReply, kind, code) => {
    await using stub = await startStub(() => reply);
    expect(await faultOf(clientOf(stub.url).getShopInfo(shop))).toMatchObject({ kind, code });
  });

  test.each([
    ['never begins', hang],
    ['never ends', trickle],
  ])('that %s is a timeout', async (_what, body) => {
    await using stub = await startStub(() => ({ body }));
    const error = await faultOf(clientOf(stub.url, { timeoutMs: 100 }).getShopInfo(shop));
    expect(error).toMatchObject({ kind: 'retry-later', code: 'timeout' });
  });

  test('from nobody is a network error', async () => {
    const stub = await startStub(() => fine({}));
    await stub[Symbol.asyncDispose]();
    const error = await faultOf(clientOf(stub.url).getShopInfo(shop));
    expect(error).toMatchObject({ kind: 'retry-later', code: 'network', isDocumented: true });
    expect(error.message).toContain('ECONNREFUSED');
  });

  test('that is not as documented names the field and no value', async () => {
    await using stub = await startStub(() => fine({ order_list: 'secret-value' }));
    const error = await faultOf(clientOf(stub.url).getOrderDetail(shop, ['A']));
    expect(error).toMatchObject({ kind: 'retry-later', code: 'malformed-response', isDocumented: false });
    expect(error.message).toBe('/api/v2/order/get_order_detail: malformed-response: not as documented: order_list');
  });

  test('keeps ids beyond 2^53 whole', async () => {
    const body =
      '{"error":"","response":{"order_list":[{"order_sn":"A","item_list":[{"promotion_id":18446744073709551615}]}]}}';
    await using stub = await startStub(() => ({ body }));
    const [order] = await clientOf(stub.url).getOrderDetail(shop, ['A']);
    expect(order?.item_list[0]?.promotion_id).toBe('18446744073709551615');
  });
});

describe('an error', () => {
  test('holds no token, key or code, even when Shopee repeats them', async () => {
    const secrets = [shop.accessToken, partnerKey, 'refresh-token-1', 'code-1'];
    await using stub = await startStub(() => rejection('error_server', `rejected: ${secrets.join(' ')}`));
    const client = clientOf(stub.url);
    const errors = await Promise.all([
      faultOf(client.getShopInfo(shop)),
      faultOf(client.refreshTokens({ refreshToken: 'refresh-token-1', shopId: '1' })),
      faultOf(client.exchangeCode({ code: 'code-1', shopId: '1' })),
    ]);
    expect(errors[0]?.message).not.toMatch(/00112233|test-partner-key/);
    expect(errors[1]?.message).not.toContain('refresh-token-1');
    expect(errors[2]?.message).not.toContain('code-1');
    for (const error of errors) expect(error.cause).toBeUndefined();
  });

  test('has the request id, the path and the status', async () => {
    await using stub = await startStub(() => rejection('error_sign', 'Wrong sign.', 403));
    expect(await faultOf(clientOf(stub.url).getIpRanges())).toMatchObject({
      name: 'ShopeeError',
      kind: 'configuration',
      requestId: 'r1',
      httpStatus: 403,
      path: '/api/v2/public/get_shopee_ip_ranges',
      message: '/api/v2/public/get_shopee_ip_ranges: error_sign: Wrong sign.',
    });
  });

  test('of the daily limit has the next midnight in UTC+8', async () => {
    await using stub = await startStub(() => rejection('error_limit'));
    const late = Date.UTC(2026, 10, 23, 15, 59, 59);
    const error = await faultOf(clientOf(stub.url, { now: () => late }).getIpRanges());
    expect(error).toMatchObject({ kind: 'retry-tomorrow', retryAt: Date.UTC(2026, 10, 23, 16) });
    const next = await faultOf(clientOf(stub.url, { now: () => late + 1000 }).getIpRanges());
    expect(next.retryAt).toBe(Date.UTC(2026, 10, 24, 16));
  });

  test('of a rate limit has the time that Shopee names, if it names one', async () => {
    await using stub = await startStub((_request, count) => ({
      ...rejection('error_rate_limit'),
      headers: count === 1 ? { 'retry-after': '7' } : {},
    }));
    const client = clientOf(stub.url);
    expect(await faultOf(client.getIpRanges())).toMatchObject({ kind: 'retry-later', retryAt: now + 7000 });
    expect((await faultOf(client.getIpRanges())).retryAt).toBeUndefined();
  });

  test('of an expired timestamp says how wrong the clock is', async () => {
    const headers = { date: new Date(now - 412_000).toUTCString() };
    await using stub = await startStub(() => ({ ...rejection('error_param', 'Timestamp is expired.'), headers }));
    const error = await faultOf(clientOf(stub.url).getIpRanges());
    expect(error).toMatchObject({ kind: 'configuration' });
    expect(error.message).toContain("this machine's clock is 412 s ahead of Shopee's");
  });
});

describe('a batch', () => {
  const known = (sns: string[]) => sns.filter((sn) => !sn.startsWith('X'));
  const respond = (request: StubRequest): StubReply => {
    const sns =
      request.method === 'POST'
        ? (JSON.parse(request.body) as { order_sn_list: string[] }).order_sn_list
        : (request.query.get('order_sn_list') ?? '').split(',');
    if (known(sns).length < sns.length)
      return rejection('error_not_found', 'Wrong parameters, detail: the order is not found.');
    return request.method === 'POST'
      ? fine(sns.map((sn) => ({ escrow_detail: { order_sn: sn, order_income: { escrow_amount: 1 } } })))
      : fine({ order_list: sns.map((sn) => ({ order_sn: sn })) });
  };
  const fifty = Array.from({ length: 50 }, (_value, at) => (at === 17 ? 'X17' : `A${at}`));

  test('with a number that Shopee does not know brings all the others', async () => {
    await using stub = await startStub(respond);
    const orders = await clientOf(stub.url).getOrderDetail(shop, fifty);
    expect(orders.map(({ order_sn: sn }) => sn)).toEqual(known(fifty));
    expect(stub.requests.length).toBeLessThanOrEqual(13);
  });

  test('of unknown numbers only brings none', async () => {
    await using stub = await startStub(respond);
    expect(await clientOf(stub.url).getOrderDetail(shop, ['X1', 'X2'])).toEqual([]);
    expect(await clientOf(stub.url).getEscrowDetails(shop, ['X1'])).toEqual(new Map());
  });

  test('of escrows leaves out the orders that have none yet', async () => {
    await using stub = await startStub(respond);
    const escrows = await clientOf(stub.url).getEscrowDetails(shop, fifty);
    expect([...escrows.keys()]).toEqual(known(fifty));
  });

  test('of escrows may come out of order, with failures between, under a misspelt name', async () => {
    await using stub = await startStub(() => ({
      body: {
        error: '',
        escrow_detail_list: [
          { escrow_detail: { order_sn: 'B', order_income: { escrow_amount: 2, shipping_fee_discount_from_pl: 3 } } },
          {
            escrow_detail: { order_sn: 'C' },
            fail_error: 'order_not_found',
            fail_message: 'The order info not found.',
          },
          { escrow_detail: { order_sn: 'A', order_income: { escrow_amount: '1.5' } } },
          null,
        ],
      },
    }));
    const escrows = await clientOf(stub.url).getEscrowDetails(shop, ['A', 'B', 'C']);
    expect([...escrows.keys()].sort()).toEqual(['A', 'B']);
    expect(escrows.get('A')?.order_income.escrow_amount).toBe(1.5);
    expect(escrows.get('B')?.order_income.shipping_fee_discount_from_3pl).toBe(3);
  });

  test('of none sends nothing, of more than 50 is rejected here', async () => {
    await using stub = await startStub(respond);
    expect(await clientOf(stub.url).getOrderDetail(shop, [])).toEqual([]);
    await expect(clientOf(stub.url).getOrderDetail(shop, [...fifty, 'A51'])).rejects.toThrow(RangeError);
    expect(stub.requests).toEqual([]);
  });

  test('that fails for another reason fails whole', async () => {
    await using stub = await startStub(() => rejection('error_server'));
    await faultOf(clientOf(stub.url).getOrderDetail(shop, fifty));
    expect(stub.requests).toHaveLength(1);
  });

  test('with one order that has no number brings the others', async () => {
    await using stub = await startStub(() =>
      fine({ order_list: [{ order_sn: 'A' }, { region: 'SG' }, 'x', { order_sn: 5 }] }),
    );
    const orders = await clientOf(stub.url).getOrderDetail(shop, ['A', '5']);
    expect(orders.map(({ order_sn: sn }) => sn)).toEqual(['A', '5']);
  });
});

describe('tokens', () => {
  const pair = { body: { access_token: 'a2', refresh_token: 'r2', expire_in: 14_400, shop_id: 7 } };

  test('a refresh whose response was lost is sent once more with the same token', async () => {
    await using stub = await startStub((_request, count) => (count === 1 ? { body: drop } : pair));
    const tokens = await clientOf(stub.url).refreshTokens({ refreshToken: 'r1', shopId: '7' });
    expect(tokens).toMatchObject({
      accessToken: 'a2',
      refreshToken: 'r2',
      expiresAt: now + 14_400_000,
      shopIds: ['7'],
    });
    expect(new Set(stub.requests.map(({ body }) => body)).size).toBe(1);
  });

  test('a refresh without a response gives up', async () => {
    await using stub = await startStub(() => ({ body: drop }));
    expect(await faultOf(clientOf(stub.url).refreshTokens({ refreshToken: 'r1', shopId: '7' }))).toMatchObject({
      code: 'network',
    });
    expect(stub.requests).toHaveLength(2);
  });

  test.each([
    ['error_auth', 'Invalid refresh_token.'],
    ['error_auth', 'Invalid code'],
    ['refresh_token_expired', 'Your refresh_token expired.'],
    ['invalid_code', 'The code is expired or used or invalid, please check the code.'],
  ])('%s «%s» means that the seller must authorize again', async (error, message) => {
    await using stub = await startStub(() => rejection(error, message));
    const fault = await faultOf(clientOf(stub.url).refreshTokens({ refreshToken: 'r1', shopId: '7' }));
    expect(fault.kind).toBe('reauthorize');
    expect(stub.requests).toHaveLength(1);
  });

  test('a response without tokens is an error', async () => {
    await using stub = await startStub(() => ({ body: { error: '', access_token: '' } }));
    const fault = await faultOf(clientOf(stub.url).exchangeCode({ code: 'c', shopId: '7' }));
    expect(fault).toMatchObject({ code: 'malformed-response' });
  });
});

describe('lists', () => {
  test('that are null or absent are empty', async () => {
    const client = async (name: string) => {
      const stub = await startStub(() => caseSample(name));
      return { stub, shopee: clientOf(stub.url) };
    };
    const span = { from: 1, to: 2 };
    const orders = await client('order.get_order_list.absent-list');
    expect(await orders.shopee.getOrderList(shop, { ...span, field: 'update_time' })).toMatchObject({ order_list: [] });
    const escrows = await client('payment.get_escrow_list.null-list');
    expect(await escrows.shopee.getEscrowList(shop, span)).toMatchObject({ escrow_list: [] });
    const lost = await client('push.get_lost_push_message.null-list');
    expect(await lost.shopee.getLostPushes()).toEqual({ pushes: [], hasNextPage: false, lastMessageId: undefined });
    for (const { stub } of [orders, escrows, lost]) await stub[Symbol.asyncDispose]();
  });

  test('whose pages repeat end with an error', async () => {
    const page = { authed_shop_list: [{ shop_id: 1 }], more: true };
    await using stub = await startStub(() => ({ body: { error: '', ...page } }));
    expect(await faultOf(clientOf(stub.url).getShopsByPartner())).toMatchObject({ code: 'malformed-response' });
    expect(stub.requests).toHaveLength(2);
  });

  test('an order list is asked for by update time, every status, from the cursor on', async () => {
    await using stub = await startStub(() => fine({ more: true, next_cursor: '3', order_list: [{ order_sn: 'A' }] }));
    await clientOf(stub.url).getOrderList(shop, { from: 10, to: 20, field: 'update_time', cursor: '2', pageSize: 50 });
    expect(Object.fromEntries(stub.requests[0]?.query ?? [])).toMatchObject({
      time_range_field: 'update_time',
      time_from: '10',
      time_to: '20',
      cursor: '2',
      page_size: '50',
      response_optional_fields: 'order_status',
    });
    expect(stub.requests[0]?.query.has('order_status')).toBe(false);
  });

  test('the shops of an app are read page by page', async () => {
    const pages = [
      { authed_shop_list: [{ shop_id: 1, expire_time: 5 }, { shop_id: 2 }], more: true },
      { authed_shop_list: [{ shop_id: 3 }], more: false },
    ];
    await using stub = await startStub((_request, count) => ({ body: pages[count - 1] }));
    const shops = await clientOf(stub.url).getShopsByPartner();
    expect(shops.map(({ shopId }) => shopId)).toEqual(['1', '2', '3']);
    expect(stub.requests.map(({ query }) => query.get('page_no'))).toEqual(['1', '2']);
  });

  test('an empty package number is not sent', async () => {
    await using stub = await startStub(() => fine({}));
    await clientOf(stub.url).getTrackingNumber(shop, 'A', '');
    expect(stub.requests[0]?.query.has('package_number')).toBe(false);
  });
});

describe('lost pushes', () => {
  const inner = '{"ordersn":"A","item_id":18446744073709551615}';
  const whole = `{"data":${inner},"shop_id":7,"code":3,"timestamp":5}`;

  test.each([
    ['a string that holds the whole push', whole, whole],
    ['a string that holds the inner data', inner, `{"data":${inner},"shop_id":7,"code":3,"timestamp":9}`],
    ['an object', JSON.parse(whole.replace('18446744073709551615', '1')), whole.replace('18446744073709551615', '1')],
    ['a text that is no JSON', 'gone', '{"data":"gone","shop_id":7,"code":3,"timestamp":9}'],
  ])('whose data is %s come out as pushes', async (_what, data: unknown, expected) => {
    await using stub = await startStub(() =>
      fine({
        push_message_list: [{ shop_id: 7, code: 3, timestamp: 9, data }],
        has_next_page: false,
        last_message_id: 4,
      }),
    );
    const { pushes } = await clientOf(stub.url).getLostPushes();
    expect(pushes[0]?.pushText).toBe(expected);
    expect(parsePush(pushes[0]?.pushText ?? '')).toMatchObject({ code: 3, shopId: '7' });
  });
});

describe('a client with a limiter', () => {
  test('asks again after error_rate_limit, and not at all once the day is used up', async () => {
    await using stub = await startStub(
      (_request, count) => [rejection('error_rate_limit'), fine({})][count - 1] ?? rejection('error_limit'),
    );
    let time = now;
    const limiter = new Limiter({
      clock: { monotonicMs: () => time, wallMs: () => time, sleep: async (ms) => void (time += ms) },
    });
    const client = clientOf(stub.url, { limiter, now: () => time });
    await client.getShopInfo(shop);
    expect(stub.requests).toHaveLength(2);
    await faultOf(client.getShopInfo(shop));
    expect(await faultOf(client.withPriority('backfill').getShopInfo(shop))).toMatchObject({ kind: 'retry-tomorrow' });
    expect(stub.requests).toHaveLength(3);
  });
});
