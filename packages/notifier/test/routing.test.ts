import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { alertNotification, pushEvent, fastClock, startHarness, statusEvent, type Harness } from './harness.ts';

let harness: Harness;
const fast = fastClock(60);
let jumpMs = 0;
let passedMs = 0;
const clock = { ...fast, wallMs: () => fast.wallMs() + jumpMs, monotonicMs: () => fast.monotonicMs() + passedMs };

beforeEach(async () => {
  harness = await startHarness({ clock });
});

afterEach(() => harness.close());

const texts = () => harness.telegram.messages().filter((message) => message.service === undefined);

describe('routing', () => {
  it("sends a shop's events to the shop's own chat", async () => {
    await harness.close();
    harness = await startHarness({ clock, telegram: { chats: [{ id: -1 }, { id: -2 }] } });
    const config = harness.config({ TELEGRAM_SHOP_CHATS: '700000002=-2' });
    await harness.enqueue(
      statusEvent('FIRST', 'SHIPPED'),
      statusEvent('SECOND', 'SHIPPED', { shopId: '700000002' }),
      alertNotification('x'),
    );
    await harness.notifier({ config }).runOnce();
    const places = texts().map(
      ({ chat, topic, text }) => `${/FIRST|SECOND|Alert/.exec(text)?.[0]} in ${topic} of ${chat}`,
    );
    expect(new Set(places)).toEqual(
      new Set(['FIRST in Order status of -1', 'Alert in System of -1', 'SECOND in Order status of -2']),
    );
  });

  it('does not send muted codes, and records it in the activity', async () => {
    await harness.enqueue(statusEvent('FIRST', 'SHIPPED', { messageId: 'm1' }), pushEvent({ code: 22, data: {} }));
    await harness.notifier({ config: harness.config({ TELEGRAM_MUTE: '3' }) }).runOnce();
    expect(texts().map(({ topic }) => topic)).toEqual(['Item price']);
    const [[, fields] = []] = await harness.redis.xrange(harness.keys.activity, '-', '+');
    expect(fields?.slice(0, 4)).toEqual(['id', 'm1', 'step', 'notified']);
    expect(fields?.slice(-2)).toEqual(['reason', 'muted']);
  });

  it('makes no sound in quiet hours but for critical alerts', async () => {
    const config = harness.config({ TELEGRAM_QUIET: '00:00-24:00' });
    await harness.enqueue(
      statusEvent('FIRST', 'CANCELLED'),
      alertNotification('warned', { severity: 'warning' }),
      alertNotification('critical'),
    );
    await harness.notifier({ config }).runOnce();
    const silent = new Map(texts().map(({ text, silent }) => [/FIRST|warned|critical/.exec(text)?.[0], silent]));
    expect(Object.fromEntries(silent)).toEqual({ FIRST: true, warned: true, critical: false });
  });

  it('batches a code for the configured minutes, and sends the others immediately', async () => {
    const notifier = harness.notifier({ config: harness.config({ TELEGRAM_DIGEST: 'auto,3=1' }) });
    await harness.enqueue(statusEvent('FIRST', 'SHIPPED'), statusEvent('SECOND', 'PROCESSED'), alertNotification('x'));
    notifier.start();
    await expect.poll(() => texts().length, { timeout: 5_000 }).toBe(2);
    expect(texts()[0]?.topic).toBe('System');
    expect(texts()[1]?.text).toMatch(/^🗂 2 × Order status/);
    expect(texts()[1]?.text).toContain('FIRST');
    expect(texts()[1]?.text).toContain('SECOND');
  });

  it('batches no longer than configured when the clock steps back an hour', async () => {
    const notifier = harness.notifier({ config: harness.config({ TELEGRAM_DIGEST: '3=5' }) });
    await harness.enqueue(statusEvent('FIRST', 'SHIPPED'), statusEvent('SECOND', 'PROCESSED'));
    notifier.start();
    await expect.poll(() => notifier.status().chats, { timeout: 4_000 }).toMatchObject([{ waiting: 2 }]);
    jumpMs -= 3_600_000;
    await expect.poll(() => texts().length, { timeout: 15_000 }).toBe(1);
  });

  it('sends each event alone where digests are off, however many they are', async () => {
    const notifier = harness.notifier({ config: harness.config({ TELEGRAM_DIGEST: 'off' }) });
    await harness.enqueue(...Array.from({ length: 15 }, (_, at) => statusEvent(`ORDER${at}`, 'SHIPPED')));
    await notifier.runOnce();
    expect(texts()).toHaveLength(15);
    expect(notifier.status().sent.digests).toBe(0);
  });
});

describe('TELEGRAM_MODE=edit', () => {
  const edit = () => harness.notifier({ config: harness.config({ TELEGRAM_MODE: 'edit' }) });
  const order = (status: string) => ({ sn: 'ORDER1', status, currency: 'SGD', region: 'SG', total: 10, items: [] });
  const at = (minute: number) => 1_788_220_800 + minute * 60;
  const status = (name: string, minute: number) =>
    pushEvent({ code: 3, data: { ordersn: 'ORDER1', status: name, update_time: at(minute) } }, { order: order(name) });

  it("follows an order in one message, over a restart, whatever its events' codes", async () => {
    await harness.enqueue(status('READY_TO_SHIP', 0));
    await edit().runOnce();
    const tracking = { code: 4, data: { ordersn: 'ORDER1', tracking_no: 'SPX1' }, timestamp: at(1) };
    await harness.enqueue(status('PROCESSED', 1), pushEvent(tracking));
    await edit().runOnce();
    expect(texts()).toHaveLength(1);
    expect(texts()[0]?.text).toMatch(
      /^📦 Order ORDER1\n08:00 🟡 READY_TO_SHIP\n08:01 🔵 PROCESSED\n08:01 🚚 Tracking number SPX1\n\nOrder ORDER1\nStatus: 🔵 PROCESSED/,
    );
    expect(texts()[0]?.edits).toBe(1);
  });

  it("keeps two shops' orders of the same number apart", async () => {
    const other = { shopId: '700000002' };
    await harness.enqueue(statusEvent('ORDER1', 'READY_TO_SHIP'), statusEvent('ORDER1', 'READY_TO_SHIP', other));
    await edit().runOnce();
    await harness.enqueue(statusEvent('ORDER1', 'SHIPPED', other));
    await edit().runOnce();
    expect(
      texts()
        .map(({ edits }) => edits)
        .toSorted((a, b) => a - b),
    ).toEqual([0, 1]);
  });

  it('sends urgent steps as a reply, with a sound', async () => {
    await harness.enqueue(status('READY_TO_SHIP', 0));
    await edit().runOnce();
    await harness.enqueue(status('CANCELLED', 5));
    await edit().runOnce();
    expect(texts().map(({ silent, replyTo, edits }) => [silent, replyTo === undefined, edits])).toEqual([
      [true, true, 1],
      [false, false, 0],
    ]);
    expect(texts()[1]?.text).toBe('📦 Order status: ORDER1 ❌ CANCELLED');
  });

  it('never puts an older status over a newer one, though an edit had to wait and an urgent event came meanwhile', async () => {
    await harness.enqueue(status('UNPAID', 0));
    const notifier = edit();
    notifier.start();
    await expect.poll(() => texts().length).toBe(1);
    harness.telegram.faults.add({ kind: '429', on: 'editMessageText', ms: 20_000 });
    await harness.enqueue(status('READY_TO_SHIP', 1));
    await expect.poll(() => notifier.status().chats[0]?.state).toBe('paused');
    await harness.enqueue(status('CANCELLED', 2));
    await expect.poll(() => notifier.status().sent.events).toBe(3);
    expect(texts()[0]?.text).toMatch(
      /UNPAID\n08:01 🟡 READY_TO_SHIP\n08:02 ❌ CANCELLED\n\nOrder ORDER1\nStatus: ❌ CANCELLED/,
    );
  });

  it('ignores a repeated event, and replaces a deleted message', async () => {
    await harness.enqueue(status('READY_TO_SHIP', 0));
    await edit().runOnce();
    await harness.enqueue(status('READY_TO_SHIP', 0));
    await edit().runOnce();
    expect(texts()).toMatchObject([{ edits: 0 }]);
    const [chat] = harness.telegram.chats();
    if (chat !== undefined) chat.messages = [];
    await harness.enqueue(status('SHIPPED', 5));
    await edit().runOnce();
    expect(texts()).toHaveLength(1);
    expect(texts()[0]?.text).toContain('🟡 READY_TO_SHIP\n08:05 🚚 SHIPPED');
  });

  it('fits an order with 200 items into its one message', async () => {
    const items = Array.from({ length: 200 }, (_, index) => ({ name: `Long item name ${index}`, quantity: 1 }));
    await harness.enqueue(statusEvent('ORDER1', 'SHIPPED', { order: { ...order('SHIPPED'), items } }));
    await edit().runOnce();
    expect(texts()).toHaveLength(1);
    expect(texts()[0]?.text).toMatch(/… and \d+ more lines/);
    expect(texts()[0]?.text.length).toBeLessThanOrEqual(4_000);
  });
});

describe('ship-by warnings', () => {
  const hour = 3_600;
  const order = (sn: string, hours: number, status = 'READY_TO_SHIP') => {
    const updated = Math.floor(clock.wallMs() / 1000);
    const times = { shipBy: updated + hours * hour, updated };
    return statusEvent(sn, status, { order: { sn, status, region: 'SG', times, items: [] } });
  };
  const warnings = () => texts().filter(({ topic }) => topic === 'Ship soon');
  const shut = { TELEGRAM_MUTE: '3' };

  it('list the orders to ship soon, muted or not, without shipped ones', async () => {
    const notifier = harness.notifier({ config: harness.config(shut) });
    await harness.enqueue(
      order('SOON1', 8),
      order('SOON2', 10, 'PROCESSED'),
      order('LATER', 40),
      order('GONE', 8),
      order('UNPAID', 8, 'UNPAID'),
    );
    await harness.enqueue(order('GONE', 8, 'SHIPPED'));
    await notifier.runOnce();
    expect(warnings()).toHaveLength(1);
    expect(warnings()[0]).toMatchObject({ silent: false });
    expect(warnings()[0]?.text).toMatch(/^⏰ 2 orders to ship within 12 h\n\n• SOON1 · .*in 7 h 5\d min.*\n• SOON2/);
    await notifier.runOnce();
    expect(warnings()).toHaveLength(1);
  });

  it('repeat three hours before, without orders shipped meanwhile', async () => {
    const notifier = harness.notifier({ config: harness.config(shut) });
    await harness.enqueue(order('LATE', 8), order('QUICK', 8));
    await notifier.runOnce();
    await harness.enqueue(
      pushEvent({ code: 30, data: { ordersn: 'QUICK', fulfillment_status: 'LOGISTICS_PICKUP_DONE' } }),
    );
    jumpMs += 6 * hour * 1000;
    await notifier.runOnce();
    expect(warnings().map(({ text }) => text.split('\n')[0])).toEqual([
      '⏰ 2 orders to ship within 12 h',
      '⏰ 1 order to ship within 3 h',
    ]);
    expect(warnings()[1]?.text).toContain('• LATE');
  });

  it('are sent after a clock step back', async () => {
    const notifier = harness.notifier({ config: harness.config(shut) });
    await harness.enqueue(order('SOON1', 8));
    await notifier.runOnce();
    jumpMs -= 24 * hour * 1000;
    passedMs += 31 * 60_000;
    await harness.enqueue(order('SOON2', 8));
    await notifier.runOnce();
    expect(warnings()).toHaveLength(2);
  });

  it('lose no order to a clock that steps forward for a moment', async () => {
    const notifier = harness.notifier({ config: harness.config(shut) });
    await harness.enqueue(order('LATER', 40));
    jumpMs += 5 * 24 * hour * 1000;
    await notifier.runOnce();
    jumpMs -= 5 * 24 * hour * 1000;
    await notifier.runOnce();
    expect(warnings()).toHaveLength(0);
    jumpMs += 30 * hour * 1000;
    await notifier.runOnce();
    expect(warnings()[0]?.text).toContain('LATER');
  });

  it('follow a moved deadline', async () => {
    const notifier = harness.notifier({ config: harness.config(shut) });
    await harness.enqueue(order('MOVED', 40));
    const date = Math.floor(clock.wallMs() / 1000) + 5 * hour;
    const data = {
      order_sn: 'MOVED',
      new: { ship_by_date: date },
      update_time: Math.floor(clock.wallMs() / 1000) + 60,
    };
    await harness.enqueue(pushEvent({ code: 47, data }));
    await notifier.runOnce();
    expect(warnings()[0]?.text).toContain('MOVED');
  });

  it('are not sent when SHIP_WARN_HOURS is 0', async () => {
    const notifier = harness.notifier({ config: harness.config({ SHIP_WARN_HOURS: '0' }) });
    await harness.enqueue(order('SOON', 2));
    await notifier.runOnce();
    expect(warnings()).toHaveLength(0);
  });
});

describe('topics', () => {
  it('are also stored in DATA_DIR', async () => {
    await harness.enqueue(statusEvent('FIRST', 'SHIPPED'));
    await harness.notifier().runOnce();
    const file = JSON.parse(readFileSync(join(harness.dataDir, 'telegram-topics.json'), 'utf8')) as object;
    const [chat] = harness.telegram.chats();
    expect(file).toEqual({ [String(chat?.id)]: { 3: chat?.topics[0]?.threadId } });
  });
});
