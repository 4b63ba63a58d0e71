import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createShopee } from '../src/shopee/create-shopee.ts';
import type { Shopee } from '../src/shopee/shopee.ts';
import { createReceiver, type Receiver } from './push-receiver.ts';
import { at, type Body } from './shopee-caller.ts';

let receiver: Receiver;
let shopee: Shopee;

beforeEach(async () => {
  receiver = await createReceiver();
  shopee = await createShopee({ callbackUrl: receiver.url, traffic: { stepsPerMinute: 6000, maxOpen: 10 } });
});

afterEach(async () => {
  await shopee.close();
  await receiver.close();
});

async function post(path: string, body?: unknown): Promise<{ status: number; body: Body }> {
  const init = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(`${shopee.url}${path}`, { method: 'POST', ...init });
  return { status: response.status, body: (await response.json()) as Body };
}

describe('the order store page', () => {
  it('shows orders with their pushes and answers, escaped', async () => {
    for (let index = 0; index < 30; index += 1) await shopee.sendPushes(shopee.orders.place(700_000_001));
    const page = await (await fetch(shopee.url)).text();
    const [record] = shopee.orders.records();
    expect(page).toContain(record?.sn);
    expect(page).toContain('3:200');
    expect(page).toContain('Chen &#60;Alan&#62; &#38; Co');
    expect(page).not.toContain('<Alan>');
  });

  it('places, advances and cancels orders by its buttons, and leads back', async () => {
    const press = (path: string) =>
      fetch(`${shopee.url}${path}`, { method: 'POST', headers: { accept: 'text/html' }, redirect: 'manual' });
    const placed = await press('/_sandbox/orders?shop=700000001');
    expect([placed.status, placed.headers.get('location')]).toEqual([303, '/']);
    const [record] = shopee.orders.records();
    await press(`/_sandbox/orders?sn=${record?.sn}&do=advance`);
    expect(record?.status).toBe('READY_TO_SHIP');
    await press(`/_sandbox/orders?sn=${record?.sn}&do=cancel`);
    expect(record?.status).toBe('IN_CANCEL');
    expect(receiver.received.length).toBeGreaterThanOrEqual(3);
  });
});

describe('the handles for other processes', () => {
  it('place many orders and say what became of their pushes', async () => {
    const { body } = await post('/_sandbox/orders', { shop: 700_000_002, count: 5 });
    expect(body['orders']).toHaveLength(5);
    expect(at(body, 'pushes', 0)).toMatchObject({ code: 3, state: 'delivered' });
  });

  it('reject what cannot be, and say why', async () => {
    const sn = shopee.orders.place(700_000_001).record.sn;
    for (let step = 0; step < 3; step += 1) shopee.orders.advance(sn);
    expect(await post('/_sandbox/orders', { sn, do: 'cancel' })).toMatchObject({
      status: 409,
      body: { error: expect.stringContaining('cannot be cancelled') },
    });
    expect(await post('/_sandbox/orders', { sn, do: 'explode' })).toMatchObject({ status: 400 });
    expect(await post('/_sandbox/pushes', {})).toMatchObject({ status: 400 });
  });

  it('send a push of any code, or a text as it is', async () => {
    const sn = shopee.orders.place(700_000_002).record.sn;
    expect(await post('/_sandbox/pushes', { code: 30, sn })).toMatchObject({ body: { code: 30, shopId: 700_000_002 } });
    await post('/_sandbox/pushes', { code: 0, text: '{"not":"a push"' });
    expect(receiver.received.map(({ body }) => body)).toMatchObject([expect.stringContaining(sn), '{"not":"a push"']);
  });

  it('show the order store and the pushes as JSON', async () => {
    const { sn } = shopee.orders.advance(shopee.orders.place(700_000_001).record.sn).record;
    await post('/_sandbox/orders', { sn, do: 'advance' });
    await post('/_sandbox/orders', { sn, do: 'advance' });
    const book = (await (await fetch(`${shopee.url}/_sandbox/orders?sn=${sn}`)).json()) as Body;
    expect(book).toMatchObject({
      orders: [
        {
          shop_id: 700_000_001,
          order: { order_sn: sn, order_status: 'SHIPPED' },
          escrow: { order_sn: sn },
          returns: [],
        },
      ],
    });
    expect(await (await fetch(`${shopee.url}/_sandbox/health`)).json()).toEqual({ orders: 1, traffic: false });
    const pushes = (await (await fetch(`${shopee.url}/_sandbox/pushes`)).json()) as Body;
    expect(pushes).toMatchObject({ health: { status: 'Normal' }, config: { callbackUrl: receiver.url } });
  });

  it('change settings and shops', async () => {
    await post('/_sandbox/settings', { masking: 'full' });
    expect(shopee.settings.masking).toBe('full');
    shopee.settings.ratePerSecond = 5;
    await post('/_sandbox/settings', { ratePerSecond: null });
    expect(shopee.settings).toMatchObject({ ratePerSecond: undefined, masking: 'full' });
    expect(await post('/_sandbox/settings', { mask: true })).toMatchObject({ status: 400 });
    expect(await post('/_sandbox/shops', { shop: 700_000_001, do: 'tokens' })).toMatchObject({
      body: { accessToken: expect.any(String) },
    });
    await post('/_sandbox/shops', { shop: 700_000_001, do: 'unlink' });
    expect(shopee.tokens.authorizations.has(700_000_001)).toBe(false);
    expect(JSON.parse(receiver.received.at(-1)?.body ?? '')).toMatchObject({ code: 2 });
    await post('/_sandbox/shops', { shop: 700_000_001, do: 'authorize', days: 7 });
    expect(JSON.parse(receiver.received.at(-1)?.body ?? '')).toMatchObject({ code: 1, data: { shop_id: 700_000_001 } });
  });
});

describe('the traffic', () => {
  it('places orders, leads them through their life, and reports all of it', async () => {
    expect(await post('/_sandbox/traffic', { run: 'start' })).toMatchObject({ body: { running: true } });
    await vi.waitFor(() => expect(shopee.pushes.records.length).toBeGreaterThan(150), { timeout: 15_000 });
    await post('/_sandbox/traffic', { run: 'stop' });
    expect(shopee.traffic.running).toBe(false);
    const codes = new Set(shopee.pushes.records.map(({ code }) => code));
    expect([...codes]).toEqual(expect.arrayContaining([3, 4, 15, 30]));
    const statuses = new Set([...shopee.orders.records()].map(({ status }) => status));
    expect(statuses.size).toBeGreaterThan(3);
    const openOrders = [...shopee.orders.records()].filter(
      ({ status }) => status !== 'COMPLETED' && status !== 'CANCELLED',
    );
    expect(openOrders.length).toBeLessThanOrEqual(10);
  });
});
