import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { WorkerConfig } from '../src/config.ts';
import { createWorld, shopId, snOf, type World } from './world.ts';

const minute = { timeout: 60_000, interval: 100 };

interface Requested {
  path: string;
  /** The query and the body as text: the order's number stands in one of them. */
  text: string;
}

interface Response {
  /** 200 when left out. */
  status?: number;
  body: object;
}

/** Shopee's fake, behind one that responds itself where `respond` has a response. */
async function shopeeThat(world: World, respond: (requested: Requested) => Response | undefined): Promise<string> {
  const server = createServer((request, response) => {
    const reply = async () => {
      const url = request.url ?? '';
      const body = request.method === 'POST' ? JSON.stringify(await json(request)) : undefined;
      response.setHeader('content-type', 'application/json');
      const own = respond({ path: url.split('?')[0] ?? '', text: `${url} ${body ?? ''}` });
      if (own !== undefined) {
        response.statusCode = own.status ?? 200;
        return response.end(JSON.stringify({ request_id: 'r', ...own.body }));
      }
      const headers = { 'content-type': 'application/json' };
      const method = request.method ?? 'GET';
      const real = await fetch(`${world.shopee.url}${url}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
      });
      response.statusCode = real.status;
      return response.end(await real.text());
    };
    void reply();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

function fewRetries(config: WorkerConfig): WorkerConfig {
  return { ...config, consumers: { ...config.consumers, maxRetries: 1 } };
}

const inner = { error: 'error_inner', message: 'Something wrong. Please try later.' };

test.each([
  ['get_order_detail', 200, inner],
  ['get_escrow_detail', 200, inner],
  ['get_order_detail', 500, { message: 'internal server error' }],
] as const)(
  'an order for which %s always answers with a %i that says "later" becomes a dead letter, and its shop goes on',
  minute,
  async (part, status, body) => {
    const world = await createWorld();
    const poison = world.place();
    const shopeeUrl = await shopeeThat(world, ({ path, text }) =>
      path.includes(part) && text.includes(snOf(poison)) ? { status, body } : undefined,
    );
    await world.startWorker((config) => ({ ...fewRetries(config), shopeeUrl }));
    await world.enqueue([poison, ...Array.from({ length: 10 }, () => world.place())]);
    await vi.waitFor(() => expect(world.rows('Orders')).toHaveLength(10), minute);
    await world.enqueue(Array.from({ length: 10 }, () => world.place()));
    await vi.waitFor(() => expect(world.rows('Orders')).toHaveLength(20), minute);
    await vi.waitFor(async () => expect(await world.left()).toBe(0), minute);
    const { deadLetters } = await world.inspector.listDeadLetters();
    expect(deadLetters).toMatchObject([{ reason: 'shopee-retry-later' }]);
  },
);

test(
  'while Shopee says "later" to every order of a shop, they are deferred and none counts as failed',
  minute,
  async () => {
    const world = await createWorld();
    let isDown = true;
    const shopeeUrl = await shopeeThat(world, ({ path }) =>
      isDown && path.includes('/order/') ? { body: inner } : undefined,
    );
    await world.startWorker((config) => ({ ...config, shopeeUrl }));
    await world.enqueue(Array.from({ length: 10 }, () => world.place()));
    const totals = async () => (await world.inspector.queueStats()).totals;
    await vi.waitFor(async () => expect((await totals()).retried).toBeGreaterThan(30), minute);
    isDown = false;
    await vi.waitFor(() => expect(world.rows('Orders')).toHaveLength(10), minute);
    expect(await totals()).toMatchObject({ deadLettered: 0 });
  },
);

test('a parcel whose number is being allocated blocks neither its order nor its shop', minute, async () => {
  const world = await createWorld({ shopee: { seed: 7 } });
  const { orders } = world.shopee;
  const placed = () => orders.place(shopId).record;
  let record = placed();
  while (!orders.contentOf(record).split) record = placed();
  while (orders.find(record.sn)?.status !== 'READY_TO_SHIP') orders.advance(record.sn);
  const shipped = orders.advance(record.sn).pushes.filter(({ code }) => code === 4);
  const allocating = { error: 'logistics.error_param', message: 'The tracking number is being allocated.' };
  const shopeeUrl = await shopeeThat(world, ({ path }) =>
    path.includes('get_tracking_number') ? { body: allocating } : undefined,
  );
  await world.startWorker((config) => ({ ...config, shopeeUrl }));
  await world.enqueue([...shipped.slice(0, 1), ...Array.from({ length: 10 }, () => world.place())]);
  await vi.waitFor(() => expect(world.rows('Orders')).toHaveLength(11), minute);
  const row = world.rows('Orders').find((one) => one['Order SN'] === record.sn);
  expect(row?.['Tracking number']).not.toBe('');
  expect(await world.left()).toBe(0);
});

test('without permission to read returns they become dead letters, and the shop goes on', minute, async () => {
  const world = await createWorld({
    shopee: { settings: { forbiddenApis: ['returns'] } },
    config: (config) => ({ ...fewRetries(config), orderEventCodes: [3, 4, 29] }),
  });
  await world.startWorker();
  const { orders } = world.shopee;
  const sn = snOf(world.place());
  while (orders.find(sn)?.status !== 'TO_CONFIRM_RECEIVE') orders.advance(sn);
  const returned = orders.requestReturn(sn).pushes.filter(({ code }) => code === 29);
  await world.enqueue([...returned, ...Array.from({ length: 10 }, () => world.place())]);
  await vi.waitFor(() => expect(world.rows('Orders')).toHaveLength(10), minute);
  await vi.waitFor(async () => expect(await world.left()).toBe(0), minute);
  expect((await world.inspector.listDeadLetters()).deadLetters).toMatchObject([{ reason: 'shopee-configuration' }]);
});

test('an escrow call that fails with an undocumented error is repeated', minute, async () => {
  // With HTTP 403 it would be taken for a matter of permissions.
  const world = await createWorld({ shopee: { settings: { escrowFrom: 'paid', errorStatus: 200 } } });
  const paid = Array.from({ length: 20 }, () => world.place()).map((push) => world.advance(snOf(push)));
  world.shopee.faults.add({ kind: 'error', on: 'get_escrow_detail_batch', code: 'error_system_busy' });
  await world.enqueue(paid);
  await world.startWorker();
  await vi.waitFor(async () => expect(await world.left()).toBe(0), minute);
  const withIncome = world.rows('Orders').filter((row) => row['Escrow amount'] !== '');
  expect(withIncome).toHaveLength(20);
});
