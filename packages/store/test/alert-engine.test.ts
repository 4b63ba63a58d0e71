import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@shopee-webhook/runtime/clock';
import { afterAll, afterEach, expect, inject, it } from 'vitest';
import {
  AlertEngine,
  buildKeys,
  connectRedis,
  JsonAlertStateFile,
  Notification,
  Queue,
  type AlertNotification,
  type AlertState,
  type AlertStateFile,
} from '../src/index.ts';

const redis = connectRedis({ host: '127.0.0.1', port: inject('redisPort') });
afterAll(() => redis.disconnect());
const dirs: string[] = [];
afterEach(async () => {
  for (const dir of dirs.splice(0)) await rm(dir, { recursive: true });
});

const silent = () => undefined;
const logger = { debug: silent, info: silent, warn: silent, error: silent };
const content = { severity: 'warning', title: 'Disk almost full', text: 'Free some space.' } as const;
const key = 'disk-full';

/** A local outbox, as the forwarder's spool has one. */
class LocalOutbox implements AlertStateFile {
  state: AlertState = { active: {}, resolved: {} };
  readonly sent: AlertNotification[] = [];
  load = () => this.state;
  save(state: AlertState, notification?: AlertNotification): boolean {
    this.state = structuredClone(state);
    if (notification !== undefined) this.sent.push(notification);
    return true;
  }
}

function setUp() {
  const keys = buildKeys(`t${randomUUID()}`);
  const outbox = new Queue({ redis, keys: keys.notifications });
  /** `stepMs`: how far the wall clock was set. */
  const world = { isAvailable: true, now: 1_000_000, stepMs: 0 };
  const clock = { ...systemClock, wallMs: () => world.now + world.stepMs, monotonicMs: () => world.now };
  const shared = { redis, key: keys.alerts, outbox, isAvailable: () => world.isAvailable };
  const engine = (owner: string, local: AlertStateFile = new LocalOutbox()) =>
    new AlertEngine({ shared, local, owner, logger, staleAfterMs: 200, clock });
  const sent = async () => {
    const texts = await redis.lrange(keys.notifications.main, 0, -1);
    return texts.toReversed().map((text) => {
      const { payload } = JSON.parse(text) as { payload: unknown };
      const notification = Notification.parse(payload);
      return notification.kind === 'alert' ? `${notification.status} ${notification.key}` : notification.kind;
    });
  };
  return { keys, world, engine, sent };
}

it('sends one notification when an alert fires and one when it resolves, over all processes', async () => {
  const { engine, sent } = setUp();
  const [one, other] = [engine('one'), engine('other')];
  for (const each of [one, other, one]) await each.raise(key, content);
  expect(await sent()).toEqual([`firing ${key}`]);
  await one.resolve(key);
  await other.sync();
  expect(other.active()).toMatchObject([{ key, ...content }]);
  expect(await sent()).toEqual([`firing ${key}`]);
  await other.resolve(key);
  expect(await sent()).toEqual([`firing ${key}`, `resolved ${key}`]);
  for (const each of [one, other]) await each.sync();
  expect([...one.active(), ...other.active()]).toEqual([]);
});

it('shows what other processes raised', async () => {
  const { engine } = setUp();
  const [one, other] = [engine('one'), engine('other')];
  await one.raise(key, content);
  await other.sync();
  expect(other.active()).toMatchObject([{ key }]);
  // It is not this process that has the condition.
  await other.resolve(key);
  await other.sync();
  expect(other.active()).toMatchObject([{ key }]);
});

it('raises and resolves what the rules find, and shows the newest text', async () => {
  const { engine, sent } = setUp();
  const one = engine('one');
  await one.evaluate([{ key, active: true, ...content }]);
  await one.evaluate([{ key, active: true, ...content, text: 'worse' }]);
  expect(one.isActive(key)).toBe(true);
  expect(one.active()).toMatchObject([{ text: 'worse' }]);
  await one.evaluate([{ key, active: false, ...content }]);
  await one.evaluate([{ key: 'forged', active: true, isEvent: true, ...content }]);
  await one.evaluate([{ key: 'forged', active: true, isEvent: true, ...content }]);
  expect(await sent()).toEqual([`firing ${key}`, `resolved ${key}`, 'event forged']);
});

it('sends an event once, whichever process notices it', async () => {
  const { engine, sent } = setUp();
  await engine('one').notify('redis-data-loss', content);
  await engine('other').notify('redis-data-loss', content);
  expect(await sent()).toEqual(['event redis-data-loss']);
});

it('uses the local outbox while Redis is unavailable, and sends nothing twice afterwards', async () => {
  const { world, engine, sent } = setUp();
  const local = new LocalOutbox();
  const one = engine('one', local);
  world.isAvailable = false;
  await one.raise(key, content);
  expect(local.sent).toMatchObject([{ status: 'firing', key }]);
  world.isAvailable = true;
  await one.sync();
  expect(await sent()).toEqual([]);
  world.isAvailable = false;
  await one.resolve(key);
  expect(local.sent).toMatchObject([{ status: 'firing' }, { status: 'resolved' }]);
  expect(one.active()).toEqual([]);
  world.isAvailable = true;
  await one.sync();
  expect(await sent()).toEqual([]);
  expect(one.active()).toEqual([]);
});

it('fired while Redis was unavailable, resolves through Redis', async () => {
  const { world, engine, sent } = setUp();
  const one = engine('one');
  world.isAvailable = false;
  await one.raise(key, content);
  world.isAvailable = true;
  await one.resolve(key);
  expect(await sent()).toEqual([`resolved ${key}`]);
});

it('without an outbox of its own, sends when Redis is back, and nothing of what is over by then', async () => {
  const { world, engine, sent } = setUp();
  const dir = await mkdtemp(join(tmpdir(), 'alerts-'));
  dirs.push(dir);
  const one = engine('one', new JsonAlertStateFile(join(dir, 'alerts.json')));
  world.isAvailable = false;
  await one.raise(key, content);
  await one.raise('brief', content);
  await one.resolve('brief');
  await one.notify('event', content);
  expect(one.active()).toMatchObject([{ key }]);
  world.isAvailable = true;
  await one.sync();
  expect(await sent()).toEqual(['event event', `firing ${key}`]);
});

it('neither repeats nor forgets an alert over a restart', async () => {
  const { world, engine, sent } = setUp();
  const local = new LocalOutbox();
  await engine('one', local).raise(key, content);
  const restarted = engine('one', local);
  expect(restarted.active()).toMatchObject([{ key, since: 1_000_000 }]);
  await restarted.raise(key, content);
  world.now += 1_000;
  await restarted.sync();
  expect(await sent()).toEqual([`firing ${key}`]);
  await restarted.resolve(key);
  expect(await sent()).toEqual([`firing ${key}`, `resolved ${key}`]);
});

it('resolves what an earlier process raised and nobody confirms', async () => {
  const { world, engine, sent } = setUp();
  const local = new LocalOutbox();
  await engine('one', local).raise(key, content);
  const restarted = engine('one', local);
  await restarted.sync();
  world.now += 1_000;
  await restarted.sync();
  expect(await sent()).toEqual([`firing ${key}`, `resolved ${key}`]);
});

it('resolves what a process raised that is gone', async () => {
  const { world, engine, sent } = setUp();
  await engine('gone').raise(key, content);
  const other = engine('other');
  await other.sync();
  expect(other.active()).toHaveLength(1);
  // Redis' own clock says when the process was heard of last.
  await new Promise((resolve) => setTimeout(resolve, 250));
  world.now += 1_000;
  await other.sync();
  expect(await sent()).toEqual([`firing ${key}`, `resolved ${key}`]);
  expect(other.active()).toEqual([]);
});

it.each(['back', 'forward'])(
  'a clock set %s by a day neither holds up a resolution nor hurries it',
  async (direction) => {
    const { world, engine, sent } = setUp();
    const local = new LocalOutbox();
    await engine('one', local).raise(key, content);
    const restarted = engine('one', local);
    world.stepMs = direction === 'back' ? -86_400_000 : 86_400_000;
    world.now += 100;
    await restarted.sync();
    expect(await sent()).toEqual([`firing ${key}`]);
    world.now += 1_000;
    await restarted.sync();
    expect(await sent()).toEqual([`firing ${key}`, `resolved ${key}`]);
  },
);

it('sends what a process that died between two steps had not sent', async () => {
  const { keys, engine, sent } = setUp();
  await redis.hset(keys.alerts, key, JSON.stringify({ ...content, since: 5, sent: false }));
  await engine('one').raise(key, content);
  await engine('other').raise(key, content);
  expect(await sent()).toEqual([`firing ${key}`]);
});

it('reports an alert again that fires before Redis has its resolution', async () => {
  const { world, engine, sent } = setUp();
  const one = engine('one');
  await one.raise(key, content);
  world.isAvailable = false;
  await one.resolve(key);
  world.now += 5;
  world.isAvailable = true;
  await one.raise(key, content);
  expect(await sent()).toEqual([`firing ${key}`, `firing ${key}`]);
});
