import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createShopee, type ShopeeOptions } from '../src/shopee/create-shopee.ts';
import type { Shopee } from '../src/shopee/shopee.ts';
import { pushFixtures } from '../src/shopee/data/fixture.ts';
import { makePush, sampledCodes } from '../src/shopee/push/make-push.ts';
import { PushHealth } from '../src/shopee/push/push-health.ts';
import { retryDelaysOf } from '../src/shopee/push/push-sender.ts';
import { createReceiver, type Receiver } from './push-receiver.ts';
import { at, Caller, type Body } from './shopee-caller.ts';

const sg = 700_000_001;
const open: Shopee[] = [];
let receiver: Receiver;

beforeEach(async () => {
  receiver = await createReceiver();
});

afterEach(async () => {
  for (const shopee of open.splice(0)) await shopee.close();
  await receiver.close();
});

async function start(options: ShopeeOptions = {}): Promise<Shopee> {
  const shopee = await createShopee({ callbackUrl: receiver.url, ...options });
  open.push(shopee);
  return shopee;
}

function statusPush(shopee: Shopee) {
  const [push] = shopee.orders.place(sg).pushes;
  if (push === undefined) throw new Error('no push');
  return push;
}

describe('a push', () => {
  it('carries the signature that was computed by others for the same key, URL and body', async () => {
    const shopee = await start({ pushKey: 'chave-de-teste-nao-e-credencial' });
    const body =
      '{"shop_id": 123, "code": 1, "success": 1, "extra": "shop_id 123 is authorized successfully", "data": {"more_info": "more info"}, "timestamp": 1470198856}';
    const expected = '501aac61724c5ebfcbf8759d47a4e155ad45f4e1f766e5407a2a9c05ac76c950';
    expect(shopee.pushes.sign(body, 'http://www.example.com/example/uri')).toBe(expected);
  });

  it('has a msg_id in some markets: its own, the same in its repeats, and empty for chat', async () => {
    const shopee = await start({ push: { duplicates: 1, retryScale: 0.001 } });
    const push = (shopId: number, code: number) => ({ data: {}, shop_id: shopId, code, timestamp: 1_788_221_000 });
    for (const [shopId, code] of [
      [sg, 3],
      [700_000_003, 3],
      [700_000_004, 3],
      [700_000_004, 10],
    ] as const)
      await shopee.pushes.send(push(shopId, code));
    await vi.waitFor(() => expect(receiver.received).toHaveLength(8));
    const ids = shopee.pushes.records.map(({ text }) => /^\{"msg_id":"(\w*)"/.exec(text)?.[1]);
    expect(ids).toEqual([undefined, expect.stringMatching(/^\w{16}$/), expect.stringMatching(/^\w{16}$/), '']);
    expect(ids[1]).not.toBe(ids[2]);
    const texts = receiver.received.map(({ body }) => body);
    for (const { text } of shopee.pushes.records) expect(texts.filter((body) => body === text)).toHaveLength(2);
  });

  it('is signed over the bytes that arrive, with no scheme word', async () => {
    const shopee = await start();
    const text = pushFixtures().get('10-webchat.text') ?? '';
    await shopee.pushes.send(text);
    expect(receiver.received).toMatchObject([{ body: text, headers: { authorization: shopee.pushes.sign(text) } }]);
    expect(receiver.received[0]?.headers.authorization).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each([
    ['2xx with an empty body', 204, '', 'delivered'],
    ['200 with a body', 200, '{"ok":true}', 'waiting'],
    ['500', 500, '', 'waiting'],
    ['a redirect, which is not followed', 308, '', 'waiting'],
  ])('answered %s is %s', async (_what, status, body, state) => {
    const shopee = await start();
    receiver.response = (response) => void response.writeHead(status, { location: '/elsewhere' }).end(body);
    expect(await shopee.pushes.send(statusPush(shopee))).toMatchObject({ state, attempts: [{ status }] });
    expect(receiver.received).toHaveLength(1);
  });

  it('that is not answered in time has failed', async () => {
    const shopee = await start({ push: { timeoutMs: 80 } });
    receiver.response = () => undefined;
    const record = await shopee.pushes.send(statusPush(shopee));
    expect(record).toMatchObject({
      state: 'waiting',
      attempts: [{ succeeded: false, error: 'no response within 80 ms' }],
    });
  });

  it('whose response never ends has failed', async () => {
    const shopee = await start({ push: { timeoutMs: 80 } });
    receiver.response = (response) => void response.writeHead(200, { 'content-length': 5 }).write('o');
    expect(await shopee.pushes.send(statusPush(shopee))).toMatchObject({ state: 'waiting' });
  });

  it('is tried four times and then kept as lost', async () => {
    const shopee = await start({ push: { retryScale: 0.000_01 } });
    receiver.response = (response) => void response.writeHead(503).end();
    const record = await shopee.pushes.send(statusPush(shopee));
    await vi.waitFor(() => expect(record.state).toBe('lost'), 10_000);
    expect(record.attempts).toHaveLength(4);
    expect(shopee.pushes.lost.all()).toMatchObject([{ code: 3, shopId: sg, text: record.text }]);
  });

  it('waits 300, 1,800 and 10,800 s between tries, webchat 1, 2 and 3 s', () => {
    expect(retryDelaysOf(3)).toEqual([300_000, 1_800_000, 10_800_000]);
    expect(retryDelaysOf(10)).toEqual([1000, 2000, 3000]);
  });

  it('can come twice and out of order', async () => {
    const shopee = await start({ push: { duplicates: 1, shuffleMs: 40 } });
    const codes = Array.from({ length: 20 }, (_, index) => index + 100);
    await Promise.all(codes.map((code) => shopee.pushes.send(makePush(code, { shopId: sg, partnerId: 1, now: 1 }))));
    const arrived = receiver.received.map(({ body }) => Number(at(JSON.parse(body), 'code')));
    expect(arrived).toHaveLength(40);
    expect([...new Set(arrived)].sort((left, right) => left - right)).toEqual(codes);
    expect([...new Set(arrived)]).not.toEqual(codes);
  });

  it('is not sent for blocked shops, codes that are off, or without a callback URL', async () => {
    const shopee = await start();
    shopee.pushes.config.off = [4];
    shopee.pushes.config.blockedShops = [700_000_002];
    const made = (code: number, shopId: number) => makePush(code, { shopId, partnerId: 1, now: 1 });
    expect(await shopee.pushes.send(made(4, sg))).toMatchObject({ state: 'dropped' });
    expect(await shopee.pushes.send(made(3, 700_000_002))).toMatchObject({ state: 'dropped' });
    expect(await shopee.pushes.send(made(3, sg))).toMatchObject({ state: 'delivered' });
    shopee.pushes.config.callbackUrl = '';
    expect(await shopee.pushes.send(made(3, sg))).toMatchObject({ state: 'dropped' });
    expect(receiver.received).toHaveLength(1);
  });
});

describe('makePush', () => {
  it('makes every documented code, with this shop, order and time in it', async () => {
    const shopee = await start();
    const { record } = shopee.orders.place(sg);
    const order = { record, content: shopee.orders.contentOf(record) };
    for (const code of sampledCodes()) {
      const push = makePush(code, { shopId: sg, partnerId: 1_000_001, now: 1_795_000_000, order });
      expect(push.code).toBe(code);
      expect(JSON.stringify(push)).not.toContain('260901K7QWE8RT');
      expect(Math.abs((push.timestamp ?? 1_795_000_000) - 1_795_000_000)).toBeLessThan(100_000);
    }
    expect(makePush(30, { shopId: sg, partnerId: 1, now: 1, order }).data).toMatchObject({ ordersn: record.sn });
    expect(makePush(29, { shopId: sg, partnerId: 1, now: 1, order }).data).toMatchObject({ order_sn: record.sn });
  });

  it('takes the variant that is requested', () => {
    const push = makePush(3, { shopId: sg, partnerId: 1, now: 1, variant: 'to_return' });
    expect(push.data).toMatchObject({ status: 'TO_RETURN' });
  });

  it('makes an envelope for codes without a known sample', () => {
    expect(makePush(36, { shopId: sg, partnerId: 1, now: 7 })).toEqual({
      code: 36,
      shop_id: sg,
      timestamp: 7,
      data: { update_time: 7 },
    });
  });
});

describe('lost pushes', () => {
  async function withLost(count: number, options: ShopeeOptions = {}): Promise<{ shopee: Shopee; caller: Caller }> {
    const shopee = await start(options);
    for (let index = 0; index < count; index += 1) {
      shopee.pushes.lost.add({ code: 3, shopId: sg, text: JSON.stringify({ code: 3, shop_id: sg, data: { index } }) });
    }
    return { shopee, caller: new Caller(shopee) };
  }

  it('come 100 at a time, the whole original push as a string, until they are confirmed', async () => {
    const { shopee, caller } = await withLost(101);
    shopee.pushes.lost.add({ code: 12, shopId: undefined, text: '{}' });
    const first = await caller.openGet('/push/get_lost_push_message');
    expect(first).toMatchObject({ response: { has_next_page: true, last_message_id: 176_710 } });
    const list = at(first, 'response', 'push_message_list') as Body[];
    expect(list).toHaveLength(100);
    expect(list[0]).toMatchObject({ shop_id: sg, code: 3, data: '{"code":3,"shop_id":700000001,"data":{"index":0}}' });
    expect(await caller.openGet('/push/get_lost_push_message')).toMatchObject({ response: first['response'] });
    await caller.openPost('/push/confirm_consumed_lost_push_message', { last_message_id: 176_710 });
    const second = await caller.openGet('/push/get_lost_push_message');
    expect(second).toMatchObject({ response: { has_next_page: false, last_message_id: 176_712 } });
    expect(at(second, 'response', 'push_message_list', 1)).not.toHaveProperty('shop_id');
  });

  it('confirm up to a watermark', async () => {
    const { shopee, caller } = await withLost(5);
    await caller.openPost('/push/confirm_consumed_lost_push_message', { last_message_id: 176_613 });
    expect(shopee.pushes.lost.all().map(({ id }) => id)).toEqual([176_614, 176_615]);
    const wrong = await caller.openPost('/push/confirm_consumed_lost_push_message', { last_message_id: '176615' });
    expect(wrong).toMatchObject({ error: 'error_param' });
  });

  it('are stored for three days', async () => {
    let clock = Date.now();
    const { shopee } = await withLost(1, { now: () => clock });
    clock += 3 * 86_400_000;
    expect(shopee.pushes.lost.all()).toHaveLength(1);
    clock += 1000;
    expect(shopee.pushes.lost.all()).toHaveLength(0);
  });

  it('know no parameters', async () => {
    const { caller } = await withLost(1);
    expect(await caller.openGet('/push/get_lost_push_message', { page_no: 1 })).toMatchObject({ error: 'error_param' });
  });
});

describe('the push configuration', () => {
  const set = (caller: Caller, body: Body) => caller.openPost('/push/set_app_push_config', body);

  it('is shown with its status', async () => {
    const shopee = await start();
    expect(await new Caller(shopee).openGet('/push/get_app_push_config')).toMatchObject({
      response: {
        callback_url: receiver.url,
        live_push_status: 'Normal',
        blocked_shop_id: [],
        push_config_off_list: [],
      },
    });
  });

  it('sends the verification push before it takes a callback URL', async () => {
    const shopee = await start({ callbackUrl: '' });
    expect(await set(new Caller(shopee), { callback_url: receiver.url })).toMatchObject({
      response: { result: 'success' },
    });
    expect(receiver.received[0]?.body).toBe(pushFixtures().get('00-verification'));
    expect(receiver.received[0]?.headers.authorization).toBe(shopee.pushes.sign(receiver.received[0]?.body ?? ''));
    expect(shopee.pushes.config.callbackUrl).toBe(receiver.url);
  });

  it('rejects a callback URL that answers no 2xx, nothing, or is no URL', async () => {
    const shopee = await start({ callbackUrl: '', push: { timeoutMs: 80 } });
    const caller = new Caller(shopee);
    receiver.response = (response) => void response.writeHead(401).end();
    expect(await set(caller, { callback_url: receiver.url })).toMatchObject({
      message: expect.stringContaining('is not 2xx code'),
    });
    receiver.response = () => undefined;
    expect(await set(caller, { callback_url: receiver.url })).toMatchObject({
      message: expect.stringContaining('3 seconds'),
    });
    expect(await set(caller, { callback_url: 'hook' })).toMatchObject({
      message: expect.stringContaining('is invalid'),
    });
    expect(await set(caller, { set_push_config_on: [3] })).toMatchObject({
      message: expect.stringContaining('is empty'),
    });
    expect(shopee.pushes.config.callbackUrl).toBe('');
  });

  it('turns the documented codes on and off and blocks up to 500 shops', async () => {
    const shopee = await start();
    const caller = new Caller(shopee);
    await set(caller, { set_push_config_off: [5, 8], blocked_shop_id_list: [sg] });
    await set(caller, { set_push_config_on: [8] });
    expect(shopee.pushes.config).toMatchObject({ off: [5], blockedShops: [sg] });
    expect(await set(caller, { set_push_config_off: [29] })).toMatchObject({ error: 'error_param' });
    expect(await set(caller, { set_push_config_off: '5' })).toMatchObject({ error: 'error_param' });
    const many = Array.from({ length: 501 }, (_, index) => index);
    expect(await set(caller, { blocked_shop_id_list: many })).toMatchObject({ error: 'error_param' });
  });
});

describe('the health of pushes', () => {
  const counted = (good: number, bad: number, now: () => number = Date.now) => {
    const health = new PushHealth({ now });
    for (let index = 0; index < good; index += 1) health.record(true);
    for (let index = 0; index < bad; index += 1) health.record(false);
    return health;
  };

  it('is judged only above 600 pushes in six hours', () => {
    expect(counted(0, 600).status()).toBe('Normal');
    expect(counted(0, 601).status()).toBe('Suspended');
  });

  it('is a warning under 70 % and the end under 30 %', () => {
    expect(counted(700, 300).status()).toBe('Normal');
    expect(counted(699, 301).status()).toBe('Warning');
    expect(counted(300, 700).status()).toBe('Warning');
    expect(counted(299, 701).status()).toBe('Suspended');
  });

  it('forgets what is older than six hours', () => {
    let clock = 0;
    const health = counted(400, 300, () => clock);
    expect(health.status()).toBe('Warning');
    clock = 6 * 3_600_000 + 60_000;
    expect(health.status()).toBe('Normal');
    expect(health.rate()).toEqual({ total: 0, rate: 1 });
  });

  it('suspended: drops pushes for good, until the app subscribes again', async () => {
    const shopee = await start({ push: { health: { minimum: 5 } } });
    const caller = new Caller(shopee);
    receiver.response = (response) => void response.writeHead(500).end();
    for (let index = 0; index < 6; index += 1) await shopee.pushes.send(statusPush(shopee));
    expect(await shopee.pushes.send(statusPush(shopee))).toMatchObject({ state: 'dropped', attempts: [] });
    expect(shopee.pushes.lost.all()).toEqual([]);
    const config = await caller.openGet('/push/get_app_push_config');
    expect(config).toMatchObject({ response: { live_push_status: 'Suspended', suspended_time: expect.any(Number) } });
    receiver.response = (response) => void response.writeHead(204).end();
    await caller.openPost('/push/set_app_push_config', { callback_url: receiver.url });
    expect(await shopee.pushes.send(statusPush(shopee))).toMatchObject({ state: 'delivered' });
  });
});

describe('a saved state', () => {
  it('keeps lost pushes, the configuration, tokens, and pushes that wait for their next try', async () => {
    const first = await start();
    receiver.response = (response) => void response.writeHead(500).end();
    await first.pushes.send(statusPush(first));
    first.pushes.lost.add({ code: 3, shopId: sg, text: '{}' });
    first.pushes.config.off = [5];
    const caller = new Caller(first);
    receiver.response = (response) => void response.writeHead(200).end();
    const second = await start({ state: JSON.parse(JSON.stringify(first.state())) as ReturnType<Shopee['state']> });
    await vi.waitFor(() => expect(second.pushes.records[0]?.state).toBe('delivered'), 10_000);
    expect(second.pushes.lost.all()).toHaveLength(1);
    expect(second.pushes.config).toMatchObject({ off: [5], callbackUrl: receiver.url });
    const later = new Caller(second);
    later.accessToken = caller.accessToken;
    expect(await later.get('/shop/get_shop_info')).toMatchObject({ error: '' });
    expect(second.orders.size).toBe(1);
  });
});
