import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { alertNotification, pushEvent, fastClock, startHarness, statusEvent, type Harness } from './harness.ts';

let rig: Harness;
const fast = fastClock(60);
let jumpMs = 0;
const clock = { ...fast, now: () => fast.now() + jumpMs };

beforeEach(async () => {
  rig = await startHarness({ clock });
});

afterEach(() => rig.close());

const texts = () => rig.telegram.messages().filter((message) => message.service === undefined);

describe('routing', () => {
  it("sends a shop's events to the shop's own chat", async () => {
    await rig.close();
    rig = await startHarness({ clock, telegram: { chats: [{ id: -1 }, { id: -2 }] } });
    const config = rig.config({ TELEGRAM_SHOP_CHATS: '700000002=-2' });
    await rig.enqueue(
      statusEvent('FIRST', 'SHIPPED'),
      statusEvent('SECOND', 'SHIPPED', { shopId: '700000002' }),
      alertNotification('x'),
    );
    await rig.notifier({ config }).runOnce();
    const places = texts().map(
      ({ chat, topic, text }) => `${/FIRST|SECOND|Alert/.exec(text)?.[0]} in ${topic} of ${chat}`,
    );
    expect(new Set(places)).toEqual(
      new Set(['FIRST in Order status of -1', 'Alert in System of -1', 'SECOND in Order status of -2']),
    );
  });

  it('keeps muted codes to itself, and says so in the activity', async () => {
    await rig.enqueue(statusEvent('FIRST', 'SHIPPED', { messageId: 'm1' }), pushEvent({ code: 22, data: {} }));
    await rig.notifier({ config: rig.config({ TELEGRAM_MUTE: '3' }) }).runOnce();
    expect(texts().map(({ topic }) => topic)).toEqual(['Item price']);
    const [[, fields] = []] = await rig.redis.xrange(rig.keys.activity, '-', '+');
    expect(fields?.slice(0, 4)).toEqual(['id', 'm1', 'step', 'notified']);
    expect(fields?.slice(-2)).toEqual(['reason', 'muted']);
  });

  it('makes no sound in quiet hours but for critical alerts', async () => {
    const config = rig.config({ TELEGRAM_QUIET: '00:00-24:00' });
    await rig.enqueue(
      statusEvent('FIRST', 'CANCELLED'),
      alertNotification('warned', { severity: 'warning' }),
      alertNotification('critical'),
    );
    await rig.notifier({ config }).runOnce();
    const silent = new Map(texts().map(({ text, silent }) => [/FIRST|warned|critical/.exec(text)?.[0], silent]));
    expect(Object.fromEntries(silent)).toEqual({ FIRST: true, warned: true, critical: false });
  });

  it('gathers a code for the minutes that are set, and sends the others at once', async () => {
    const notifier = rig.notifier({ config: rig.config({ TELEGRAM_DIGEST: 'auto,3=1' }) });
    await rig.enqueue(statusEvent('FIRST', 'SHIPPED'), statusEvent('SECOND', 'PROCESSED'), alertNotification('x'));
    notifier.start();
    await expect.poll(() => texts().length).toBe(1);
    expect(texts()[0]?.topic).toBe('System');
    await expect.poll(() => texts().length, { timeout: 5_000 }).toBe(2);
    expect(texts()[1]?.text).toMatch(/^🗂 2 × Order status/);
    expect(texts()[1]?.text).toContain('FIRST');
    expect(texts()[1]?.text).toContain('SECOND');
  });

  it('sends each event alone where digests are off, however many they are', async () => {
    const notifier = rig.notifier({ config: rig.config({ TELEGRAM_DIGEST: 'off' }) });
    await rig.enqueue(...Array.from({ length: 15 }, (_, at) => statusEvent(`ORDER${at}`, 'SHIPPED')));
    await notifier.runOnce();
    expect(texts()).toHaveLength(15);
    expect(notifier.status().sent.digests).toBe(0);
  });
});

describe('TELEGRAM_MODE=edit', () => {
  const edit = () => rig.notifier({ config: rig.config({ TELEGRAM_MODE: 'edit' }) });
  const order = (status: string) => ({ sn: 'ORDER1', status, currency: 'SGD', region: 'SG', total: 10, items: [] });
  const at = (minute: number) => 1_788_220_800 + minute * 60;
  const status = (name: string, minute: number) =>
    pushEvent({ code: 3, data: { ordersn: 'ORDER1', status: name, update_time: at(minute) } }, { order: order(name) });

  it("follows an order in one message, over a restart, whatever its events' codes", async () => {
    await rig.enqueue(status('READY_TO_SHIP', 0));
    await edit().runOnce();
    const tracking = { code: 4, data: { ordersn: 'ORDER1', tracking_no: 'SPX1' }, timestamp: at(1) };
    await rig.enqueue(status('PROCESSED', 1), pushEvent(tracking));
    await edit().runOnce();
    expect(texts()).toHaveLength(1);
    expect(texts()[0]?.text).toMatch(
      /^📦 Order ORDER1\n08:00 🟡 READY_TO_SHIP\n08:01 🔵 PROCESSED\n08:01 🚚 Tracking number SPX1\n\nOrder ORDER1\nStatus: 🔵 PROCESSED/,
    );
    expect(texts()[0]?.edits).toBe(1);
  });

  it('says what needs action a second time, with a sound', async () => {
    await rig.enqueue(status('READY_TO_SHIP', 0));
    await edit().runOnce();
    await rig.enqueue(status('CANCELLED', 5));
    await edit().runOnce();
    expect(texts().map(({ silent, replyTo, edits }) => [silent, replyTo === undefined, edits])).toEqual([
      [true, true, 1],
      [false, false, 0],
    ]);
    expect(texts()[1]?.text).toBe('📦 Order status: ORDER1 ❌ CANCELLED');
  });

  it('never puts an older status over a newer one, though an edit had to wait and an urgent event came meanwhile', async () => {
    await rig.enqueue(status('UNPAID', 0));
    const notifier = edit();
    notifier.start();
    await expect.poll(() => texts().length).toBe(1);
    rig.telegram.faults.add({ kind: '429', on: 'editMessageText', ms: 20_000 });
    await rig.enqueue(status('READY_TO_SHIP', 1));
    await expect.poll(() => notifier.status().chats[0]?.state).toBe('paused');
    await rig.enqueue(status('CANCELLED', 2));
    await expect.poll(() => notifier.status().sent.events).toBe(3);
    expect(texts()[0]?.text).toMatch(
      /UNPAID\n08:01 🟡 READY_TO_SHIP\n08:02 ❌ CANCELLED\n\nOrder ORDER1\nStatus: ❌ CANCELLED/,
    );
  });

  it('treats a repeated event as said, and a deleted message as new', async () => {
    await rig.enqueue(status('READY_TO_SHIP', 0));
    await edit().runOnce();
    await rig.enqueue(status('READY_TO_SHIP', 0));
    await edit().runOnce();
    expect(texts()).toMatchObject([{ edits: 0 }]);
    const [chat] = rig.telegram.chats();
    if (chat !== undefined) chat.messages = [];
    await rig.enqueue(status('SHIPPED', 5));
    await edit().runOnce();
    expect(texts()).toHaveLength(1);
    expect(texts()[0]?.text).toContain('🟡 READY_TO_SHIP\n08:05 🚚 SHIPPED');
  });

  it('fits an order with 200 items into its one message', async () => {
    const items = Array.from({ length: 200 }, (_, index) => ({ name: `Long item name ${index}`, quantity: 1 }));
    await rig.enqueue(statusEvent('ORDER1', 'SHIPPED', { order: { ...order('SHIPPED'), items } }));
    await edit().runOnce();
    expect(texts()).toHaveLength(1);
    expect(texts()[0]?.text).toMatch(/… and \d+ more lines/);
    expect(texts()[0]?.text.length).toBeLessThanOrEqual(4_000);
  });
});

describe('ship-by warnings', () => {
  const hour = 3_600;
  const order = (sn: string, hours: number, status = 'READY_TO_SHIP') => {
    const updated = Math.floor(clock.now() / 1000);
    const times = { shipBy: updated + hours * hour, updated };
    return statusEvent(sn, status, { order: { sn, status, region: 'SG', times, items: [] } });
  };
  const warnings = () => texts().filter(({ topic }) => topic === 'Ship soon');
  const shut = { TELEGRAM_MUTE: '3' };

  it('gather the orders that must be shipped soon, muted or not, without those that are shipped', async () => {
    const notifier = rig.notifier({ config: rig.config(shut) });
    await rig.enqueue(
      order('SOON1', 8),
      order('SOON2', 10, 'PROCESSED'),
      order('LATER', 40),
      order('GONE', 8),
      order('UNPAID', 8, 'UNPAID'),
    );
    await rig.enqueue(order('GONE', 8, 'SHIPPED'));
    await notifier.runOnce();
    expect(warnings()).toHaveLength(1);
    expect(warnings()[0]).toMatchObject({ silent: false });
    expect(warnings()[0]?.text).toMatch(/^⏰ 2 orders to ship within 12 h\n\n• SOON1 · .*in 7 h 5\d min.*\n• SOON2/);
    await notifier.runOnce();
    expect(warnings()).toHaveLength(1);
  });

  it('come again three hours before, without the orders shipped meanwhile', async () => {
    const notifier = rig.notifier({ config: rig.config(shut) });
    await rig.enqueue(order('LATE', 8), order('QUICK', 8));
    await notifier.runOnce();
    await rig.enqueue(pushEvent({ code: 30, data: { ordersn: 'QUICK', fulfillment_status: 'LOGISTICS_PICKUP_DONE' } }));
    jumpMs += 6 * hour * 1000;
    await notifier.runOnce();
    expect(warnings().map(({ text }) => text.split('\n')[0])).toEqual([
      '⏰ 2 orders to ship within 12 h',
      '⏰ 1 order to ship within 3 h',
    ]);
    expect(warnings()[1]?.text).toContain('• LATE');
  });

  it('follow a date that was moved', async () => {
    const notifier = rig.notifier({ config: rig.config(shut) });
    await rig.enqueue(order('MOVED', 40));
    const date = Math.floor(clock.now() / 1000) + 5 * hour;
    const data = { order_sn: 'MOVED', new: { ship_by_date: date }, update_time: Math.floor(clock.now() / 1000) + 60 };
    await rig.enqueue(pushEvent({ code: 47, data }));
    await notifier.runOnce();
    expect(warnings()[0]?.text).toContain('MOVED');
  });

  it('are not sent when SHIP_WARN_HOURS is 0', async () => {
    const notifier = rig.notifier({ config: rig.config({ SHIP_WARN_HOURS: '0' }) });
    await rig.enqueue(order('SOON', 2));
    await notifier.runOnce();
    expect(warnings()).toHaveLength(0);
  });
});

describe('our own alerts', () => {
  it('tell each failure once when it begins and once when it ends, over restarts', async () => {
    const failure = (active: boolean) => async () => [
      { key: 'dead-letters', active, severity: 'warning' as const, title: 'Dead letters', text: 'Look at /dlq' },
    ];
    for (const active of [true, true, false, false]) {
      const notifier = rig.notifier({ alertConditions: failure(active) });
      await notifier.runOnce();
      await notifier.runOnce();
    }
    expect(texts().map(({ text, silent, topic }) => [topic, text.split('\n')[0], silent])).toEqual([
      ['System', '⚠️ Dead letters', false],
      ['System', '✅ Over: Dead letters', true],
    ]);
  });
});

describe('topics', () => {
  it('are kept in DATA_DIR too', async () => {
    await rig.enqueue(statusEvent('FIRST', 'SHIPPED'));
    await rig.notifier().runOnce();
    const file = JSON.parse(readFileSync(join(rig.dataDir, 'telegram-topics.json'), 'utf8')) as object;
    const [chat] = rig.telegram.chats();
    expect(file).toEqual({ [String(chat?.id)]: { 3: chat?.topics[0]?.threadId } });
  });
});
