import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CommandBackend } from '../src/commands/command-backend.ts';
import type { Notifier } from '../src/notifier.ts';
import { alertNotification, startHarness, statusEvent, type Harness } from './harness.ts';

const owner = 1001;
const member = 1003;

let harness: Harness;
let notifier: Notifier;
let replayed: string[];

const commandBackend: CommandBackend = {
  status: async () => ['Queue: 3 wait', 'Redis: <connected>'],
  order: async (sn) => (sn === '260901K7QWE8RT' ? ['SHIPPED, row 7'] : undefined),
  today: async () => ['12 × Order status'],
  deadLetters: async () => ({
    total: 12,
    deadLetters: [
      { id: 'dl1', reason: 'shopee-refused', error: 'no <right>', code: 3, deadLetteredAt: 1_788_220_800_000 },
    ],
  }),
  replay: async (id) => {
    replayed.push(id);
    return id === 'unknown' ? 0 : 1;
  },
};

beforeEach(async () => {
  replayed = [];
  harness = await startHarness({ telegram: { limits: { perMinute: 1_000, perSecond: 1_000, burst: 1_000 } } });
  notifier = harness.notifier({ config: harness.config({ TELEGRAM_COMMANDS: 'true' }), commandBackend });
  notifier.start();
  await vi.waitUntil(() => (harness.telegram.counters.calls['getUpdates'] ?? 0) > 0, 5_000);
});

afterEach(() => harness.close());

const responses = () =>
  harness.telegram.messages().filter(({ from, service }) => from === 'bot' && service === undefined);

describe('a command', () => {
  it.each([
    ['/status', 'Status\nQueue: 3 wait\nRedis: <connected>'],
    ['/order 260901K7QWE8RT', 'Order 260901K7QWE8RT\nSHIPPED, row 7'],
    ['/order NOTHING', 'No record of NOTHING.'],
    ['/order', 'Usage: /order 260901K7QWE8RT'],
    ['/today@shop_alerts_bot', 'Today\n12 × Order status'],
    [
      '/dlq',
      '12 dead letters, the newest 1\n• dl1 · shopee-refused · Order status · 2026-09-01 08:00:00 GMT+8: no <right>',
    ],
    ['/replay dl1', '1 requeued.'],
    ['/replay', 'Usage: /replay <id> (see /dlq) or /replay all'],
    ['/replay two ids', 'Usage: /replay <id> (see /dlq) or /replay all'],
    ['/replay unknown', 'No dead letter unknown.'],
    ['/mute 8', 'Reserved stock (code 8) muted until'],
    ['/mute eight', 'Usage: /mute <code> <hours>, such as /mute 8 4'],
  ])('%s of an administrator gets its reply in the same thread', async (text, response) => {
    const { messageId } = harness.telegram.act({ act: 'say', text, by: owner });
    await expect.poll(() => responses().length, { timeout: 5_000 }).toBe(1);
    expect(responses()[0]?.text.replaceAll('\u2060', '')).toContain(response);
    expect(responses()[0]).toMatchObject({ topic: 'General', replyTo: messageId });
  });

  it.each(['01K3F5ZX#1a2b3c4d', 'python-rq:job:7.é'])('replays the dead letter %s that /dlq lists', async (id) => {
    harness.telegram.act({ act: 'say', text: `/replay ${id}`, by: owner });
    await expect.poll(() => replayed, { timeout: 5_000 }).toEqual([id]);
  });

  it('of others gets no reply, and neither does one for another bot', async () => {
    harness.telegram.act({ act: 'say', text: '/replay dl1', by: member });
    harness.telegram.act({ act: 'say', text: '/replay@other_bot dl2', by: owner });
    harness.telegram.act({ act: 'say', text: '/unknown', by: owner });
    harness.telegram.act({ act: 'say', text: '/status', by: owner });
    await expect.poll(() => responses().length, { timeout: 5_000 }).toBe(1);
    expect(responses()[0]?.text).toMatch(/^Status/);
    expect(replayed).toEqual([]);
  });

  it('of an anonymous administrator gets a reply', async () => {
    const person = harness.telegram.chats()[0]?.people.find(({ id }) => id === owner);
    if (person !== undefined) person.anonymous = true;
    harness.telegram.act({ act: 'say', text: '/status', by: owner });
    await expect.poll(() => responses().length, { timeout: 5_000 }).toBe(1);
  });

  it('mutes a code and unmutes it', async () => {
    harness.telegram.act({ act: 'say', text: '/mute 3 2', by: owner });
    await expect.poll(() => responses().length, { timeout: 5_000 }).toBe(1);
    await harness.enqueue(statusEvent('MUTED', 'SHIPPED'), alertNotification('told'));
    await expect.poll(() => responses().some(({ text }) => text.includes('told')), { timeout: 5_000 }).toBe(true);
    harness.telegram.act({ act: 'say', text: '/mute 3 0', by: owner });
    await expect.poll(() => responses().length, { timeout: 5_000 }).toBe(3);
    await harness.enqueue(statusEvent('HEARD', 'SHIPPED'));
    await expect.poll(() => responses().some(({ text }) => text.includes('HEARD')), { timeout: 8_000 }).toBe(true);
    expect(responses().some(({ text }) => text.includes('MUTED'))).toBe(false);
  });
});

describe('a button', () => {
  it('of an alert is acknowledged by an administrator only, and shows who did', async () => {
    await harness.enqueue(alertNotification('breaker'));
    await expect.poll(() => responses().length, { timeout: 5_000 }).toBe(1);
    const [message] = responses();
    const press = (by: number) => {
      const { callbackId = '' } = harness.telegram.act({
        act: 'press',
        messageId: message?.id ?? 0,
        button: 'Acknowledge',
        by,
      });
      return callbackId;
    };
    const rejected = press(member);
    await expect
      .poll(() => harness.telegram.callbackResponse(rejected), { timeout: 5_000 })
      .toMatch(/Only administrators/);
    const taken = press(owner);
    await expect.poll(() => harness.telegram.callbackResponse(taken), { timeout: 5_000 }).toBe('Acknowledged by Ana.');
    await expect
      .poll(() => responses()[0]?.keyboard, { timeout: 5_000 })
      .toEqual([[{ text: '✔ Acknowledged · Ana', callback_data: 'done' }]]);
  });

  it('shows a long name without half a character', async () => {
    const ana = harness.telegram.chats()[0]?.people.find(({ id }) => id === owner);
    const name = `A${'😀'.repeat(40)}`;
    if (ana !== undefined) ana.first_name = name;
    await harness.enqueue(alertNotification('breaker'));
    await expect.poll(() => responses().length, { timeout: 5_000 }).toBe(1);
    harness.telegram.act({ act: 'press', messageId: responses()[0]?.id ?? 0, button: 'Acknowledge', by: owner });
    await expect
      .poll(() => responses()[0]?.keyboard?.[0]?.[0]?.text, { timeout: 5_000 })
      .toMatch(/^✔ Acknowledged · A(😀)+$/u);
  });

  it('replays and mutes', async () => {
    await harness.enqueue(alertNotification('dead-letters'), statusEvent('A1', 'SHIPPED'));
    await expect.poll(() => responses().length, { timeout: 8_000 }).toBe(2);
    const idOf = (fragment: string) => responses().find(({ text }) => text.includes(fragment))?.id ?? 0;
    harness.telegram.act({ act: 'press', messageId: idOf('Alert'), button: 'Replay all', by: owner });
    await expect.poll(() => replayed, { timeout: 5_000 }).toEqual(['all']);
    const { callbackId = '' } = harness.telegram.act({
      act: 'press',
      messageId: idOf('A1'),
      button: 'Mute 1 h',
      by: owner,
    });
    await expect
      .poll(() => harness.telegram.callbackResponse(callbackId), { timeout: 5_000 })
      .toBe('Code 3 muted for 1 h.');
  });

  it('is absent while commands are off', async () => {
    await notifier.stop();
    await harness.enqueue(alertNotification('x'));
    await harness.notifier().runOnce();
    expect(responses()[0]?.keyboard).toBeUndefined();
  });
});
