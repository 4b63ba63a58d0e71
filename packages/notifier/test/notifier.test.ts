import { QueueInspector } from '@shopee-webhook/store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { alertNotification, fastClock, startHarness, statusEvent, pushEvent, type Harness } from './harness.ts';

let harness: Harness;

beforeEach(async () => {
  harness = await startHarness({ clock: fastClock(60) });
});

afterEach(() => harness.close());

const texts = () => harness.telegram.messages().filter((message) => message.service === undefined);

describe('the notifier', () => {
  it('sends each event into the topic of its code and settles it', async () => {
    await harness.enqueue(
      statusEvent('A1', 'READY_TO_SHIP'),
      pushEvent({ code: 22, data: { item_id: 900_000_001, old_value: 19.99, new_value: 17.99 } }),
      statusEvent('A2', 'SHIPPED', { previousStatus: 'PROCESSED' }),
      alertNotification('breaker'),
    );
    expect(await harness.notifier().runOnce()).toBe(true);
    expect(
      texts()
        .map(({ topic }) => topic)
        .toSorted(),
    ).toEqual(['Item price', 'Order status', 'Order status', 'System']);
    expect(texts().find(({ text }) => text.includes('A2'))?.text).toContain('🔵 PROCESSED → 🚚 SHIPPED');
    const inspector = new QueueInspector({ redis: harness.redis, keys: harness.keys.notifications });
    expect((await inspector.queueStats()).queue).toMatchObject({ depth: 0, processing: 0, retrying: 0, deadLetter: 0 });
    expect((await inspector.queueStats()).totals.processed).toBe(4);
  });

  it('creates each topic once, with icon and color, and finds it after a restart', async () => {
    await harness.enqueue(statusEvent('A1', 'SHIPPED'));
    await harness.notifier().runOnce();
    await harness.redis.del(harness.keys.topics(String(harness.telegram.chats()[0]?.id)));
    await harness.enqueue(statusEvent('A2', 'SHIPPED'));
    await harness.notifier().runOnce();
    const topics = harness.telegram.chats()[0]?.topics;
    expect(topics).toMatchObject([{ name: 'Order status', iconColor: 7_322_096 }]);
    expect(topics?.[0]?.iconEmojiId).toBeDefined();
  });

  it('is silent for routine events and audible for urgent ones', async () => {
    await harness.enqueue(statusEvent('A1', 'SHIPPED'), statusEvent('A2', 'CANCELLED'), alertNotification('x'));
    await harness.notifier().runOnce();
    const silent = new Map(texts().map(({ text, silent }) => [/A\d|Alert/.exec(text)?.[0], silent]));
    expect(Object.fromEntries(silent)).toEqual({ A1: true, A2: false, Alert: false });
  });

  it('sends what a buyer typed as it is, whatever it looks like', async () => {
    const name = `<b>"Ann" & co</b> </code> &lt; 😀 @everyone`;
    const order = {
      sn: 'A1',
      items: [{ name, quantity: 2, unitPrice: 15 }],
      currency: 'SGD',
      buyer: { username: name },
    };
    await harness.enqueue(statusEvent('A1', 'SHIPPED', { order }));
    await harness.notifier().runOnce();
    const [message] = texts();
    expect(message?.text).toContain('1. <b>"Ann" & co</b> </code> &lt; 😀 @\u2060everyone · 2 × SGD 15.00');
    expect(message?.text).toContain(`Buyer: ${name}`);
    expect(harness.telegram.counters.rejected).toEqual({});
  });

  it('splits a long order into numbered parts that each name it', async () => {
    const items = Array.from({ length: 200 }, (_, at) => ({
      name: `Item ${at} with <a rather> long name & more`,
      sku: `SKU-${at}`,
      quantity: 1,
      unitPrice: 10,
    }));
    await harness.enqueue(statusEvent('A1', 'SHIPPED', { order: { sn: 'A1', currency: 'SGD', items } }));
    await harness.notifier().runOnce();
    const parts = texts();
    expect(parts.length).toBeGreaterThan(3);
    for (const [index, { text }] of parts.entries()) {
      expect(text.startsWith(`Part ${index + 1} of ${parts.length} · A1\n`)).toBe(true);
      expect(text.length).toBeLessThanOrEqual(4_000);
    }
    const whole = parts.map(({ text }) => text).join('\n');
    for (const { name } of items) expect(whole).toContain(name);
  });

  it('records the notified event in the activity', async () => {
    await harness.enqueue(statusEvent('A1', 'SHIPPED', { messageId: 'm1' }));
    await harness.notifier().runOnce();
    const entries = await harness.redis.xrange(harness.keys.activity, '-', '+');
    expect(entries.map(([, fields]) => fields.slice(0, 4))).toEqual([['id', 'm1', 'step', 'notified']]);
  });

  it('discards the outbox without a bot', async () => {
    await harness.enqueue(statusEvent('A1', 'SHIPPED'));
    await harness.notifier({ config: undefined }).runOnce();
    expect(await harness.outbox.depth()).toBe(0);
    expect(texts()).toHaveLength(0);
  });

  it('dead-letters what is no notification, with a reason', async () => {
    await harness.enqueue({ kind: 'nonsense' });
    await harness.notifier().runOnce();
    const { deadLetters } = await new QueueInspector({
      redis: harness.redis,
      keys: harness.keys.notifications,
    }).listDeadLetters();
    expect(deadLetters).toMatchObject([{ reason: 'malformed' }]);
  });

  it('lets one process send while the others stand by', async () => {
    const [first, second] = [harness.notifier(), harness.notifier()];
    await harness.enqueue(...Array.from({ length: 5 }, (_, at) => statusEvent(`A${at}`, 'SHIPPED')));
    expect(await Promise.all([first.runOnce(), second.runOnce()])).toContain(false);
    expect(texts()).toHaveLength(5);
  });
});
