import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { eventTypes, getEventType, signPush } from '@shopee-webhook/shopee';
import { toJson, type PushBody } from '@shopee-webhook/sandbox';
import { z } from 'zod';
import { checkSheet } from '../src/checks/sheet-check.ts';
import { countNotifiedEvents } from '../src/checks/notified-events.ts';
import { Random } from '../src/load/random.ts';
import { Stack } from '../src/stack/stack.ts';

const orderCount = 50;
const QueueStats = z.object({
  redis: z.object({
    enabled: z.boolean(),
    connected: z.boolean(),
    memoryUsedBytes: z.number(),
    memoryMaxBytes: z.number(),
  }),
  queue: z.record(z.string(), z.number()),
  totals: z.record(z.string(), z.number()),
  circuitBreaker: z.looseObject({ state: z.string() }),
  spool: z.looseObject({ depth: z.number() }),
});

let dir: string;
let stack: Stack;
const bodies: PushBody[] = [];
const snOf = (body: PushBody) => String(body.data['ordersn'] ?? body.data['order_sn']);

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'end-to-end-'));
  stack = await Stack.create({ dir, shopee: { seed: 50 }, env: { LOG_LEVEL: 'debug' } });
  await stack.start();
  const [shop = 0] = stack.shopee.orders.shops.keys();
  for (let count = 0; count < orderCount; count += 1) {
    const placed = stack.shopee.orders.place(shop);
    bodies.push(...placed.pushes);
    while (placed.record.status !== 'SHIPPED') bodies.push(...stack.shopee.orders.advance(placed.record.sn).pushes);
  }
}, 60_000);

afterAll(async () => {
  await stack.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** Sends a push as Shopee does; returns the response's status and body. */
async function send(text: string): Promise<{ status: number; length: string | null; body: string }> {
  const signature = signPush(stack.shopee.app.pushKey, stack.callbackUrl, text);
  const headers = { authorization: signature, 'content-type': 'application/json' };
  const response = await fetch(stack.callbackUrl, { method: 'POST', body: text, headers });
  return { status: response.status, length: response.headers.get('content-length'), body: await response.text() };
}

async function stats(): Promise<z.infer<typeof QueueStats>> {
  return QueueStats.parse(await (await fetch(`${stack.forwarder.url}/queue/stats`)).json());
}

test('every push is answered 200 with an empty body, duplicates too', async () => {
  const random = new Random(1);
  const texts = bodies.flatMap((body) => [toJson(body), toJson(body)]);
  const shuffled = texts.map((text) => ({ text, place: random.next() })).toSorted((a, b) => a.place - b.place);
  for (let start = 0; start < shuffled.length; start += 20) {
    const responses = await Promise.all(shuffled.slice(start, start + 20).map(({ text }) => send(text)));
    for (const response of responses) expect(response).toEqual({ status: 200, length: '0', body: '' });
  }
}, 60_000);

test('the sheet equals the order book: one row per order, one row per line', async () => {
  await vi.waitFor(
    async () => {
      const { queue } = await stats();
      expect({ ...queue, deadLetter: 0 }).toMatchObject({ depth: 0, retrying: 0, processing: 0 });
    },
    { timeout: 60_000, interval: 250 },
  );
  const account = checkSheet(stack, new Set(bodies.map(snOf)));
  expect(account).toEqual({ missing: [], duplicates: [], stale: [], wrong: [], rows: orderCount });
}, 70_000);

test('the totals of /queue/stats add up', async () => {
  const { totals, queue, spool, circuitBreaker } = await stats();
  // On a machine so busy that Redis took half a second, some went through the spool, where duplicates end.
  const some = expect.any(Number);
  const sent = bodies.length;
  expect(totals).toMatchObject({
    ...(viaSpool(circuitBreaker)
      ? { received: some, enqueued: some, duplicates: some, processed: some, fallback: some }
      : { received: sent * 2, enqueued: sent, duplicates: sent, processed: sent, fallback: 0 }),
    failed: 0,
    deadLettered: 0,
  });
  expect((totals['processed'] ?? 0) + (totals['fallback'] ?? 0)).toBeGreaterThanOrEqual(sent);
  expect(queue['deadLetter']).toBe(0);
  expect(spool.depth).toBe(0);
  expect(circuitBreaker.state).toBe('closed');
});

/** Whether an enqueue failed or was late: then a push may have reached the worker twice, and is notified at least once. */
function viaSpool(breaker: Record<string, unknown>): boolean {
  return Number(breaker['failures']) + Number(breaker['timeouts']) + Number(breaker['rejected']) > 0;
}

test('every event is notified, once, in the topic of its code', async () => {
  const codeOf = (topic: string) => eventTypes.find(({ title }) => title === topic)?.code;
  const expected = new Map<string, number>();
  for (const body of bodies) {
    const key = `${body.code} ${snOf(body)}`;
    expected.set(key, (expected.get(key) ?? 0) + 1);
  }
  // A group takes 20 messages a minute; the rest is gathered into digests.
  const { circuitBreaker } = await stats();
  await vi.waitFor(
    () => {
      const notified = countNotifiedEvents(stack.telegram, codeOf);
      const wrong = [...expected].filter(([key, count]) => {
        const times = notified.get(key) ?? 0;
        return viaSpool(circuitBreaker) ? times < count : times !== count;
      });
      expect(wrong).toEqual([]);
      expect([...notified.keys()].filter((key) => !expected.has(key))).toEqual([]);
    },
    { timeout: 170_000, interval: 1_000 },
  );
  const topics = new Set(stack.telegram.chats()[0]?.topics.map(({ name }) => name));
  for (const code of new Set(bodies.map((body) => body.code))) expect(topics).toContain(getEventType(code).title);
  expect(stack.telegram.counters.rateLimited).toBe(0);
}, 180_000);

test('no secret and no buyer is in a log, not even at level debug, and every event is in the event log', () => {
  const logs = ['forwarder.log', 'worker1.log'].map((name) => readFileSync(join(dir, name), 'utf8')).join('\n');
  const { shopee, google, telegram } = stack;
  const facts = [...shopee.orders.records()].map((record) => shopee.orders.contentOf(record));
  const secrets = [
    shopee.app.partnerKey,
    shopee.app.pushKey,
    telegram.token,
    google.credentials.private_key.slice(60, 120),
    'a-dashboard-password-for-runs',
    ...shopee.tokens.state().pairs.flatMap(({ accessToken, refreshToken }) => [accessToken, refreshToken]),
    ...facts.flatMap(({ buyer }) => [buyer.username, buyer.name, buyer.phone]),
    ...facts.flatMap(({ address, messageToSeller, note }) => [address.street, messageToSeller, note]),
  ];
  // Pushes themselves hold some of it; whole names and numbers only: a text such as "red" proves nothing.
  const said = secrets.filter((secret) => secret.length >= 6);
  expect(said.length).toBeGreaterThan(orderCount * 4);
  for (const secret of said) expect(logs.includes(secret), 'a secret is in a log').toBe(false);

  const files = readdirSync(join(dir, 'logs')).filter((name) => /^webhook_events_\d{4}-\d\d-\d\d\.json$/.test(name));
  const lines = files.flatMap((name) =>
    readFileSync(join(dir, 'logs', name), 'utf8')
      .trim()
      .split('\n'),
  );
  expect(lines.length).toBeGreaterThanOrEqual(bodies.length);
  for (const line of lines) expect(() => z.object({}).parse(JSON.parse(line))).not.toThrow();
});
