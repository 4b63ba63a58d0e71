import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { newMessageId, type AlertNotification } from '@shopee-webhook/store';
import { afterEach, describe, expect, inject as provided, test, vi } from 'vitest';
import { createSpool } from '../src/spool/create-spool.ts';
import type { NewEvent } from '../src/spool/spool.ts';
import {
  environment,
  createTempDir,
  handled,
  inject,
  orderPush,
  redisOf,
  runForwarder,
  startWorker,
  testLog,
  type TestForwarder,
} from './helpers.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.toReversed()) await close();
  closing.length = 0;
});

function open(dataDir = createTempDir()) {
  const log = testLog();
  const parts = createSpool({ dataDir, logger: log.logger });
  closing.push(() => parts.file.close());
  return { ...parts, parts, log, dataDir };
}

function event(digest: string, more: Partial<NewEvent> = {}): NewEvent {
  return {
    id: newMessageId(),
    digest,
    payloadText: '{"code":3}',
    code: 3,
    shop: '1',
    sn: undefined,
    uncertain: false,
    ...more,
  };
}

function alert(key: string): AlertNotification {
  return { kind: 'alert', key, status: 'event', severity: 'info', title: key, text: '', at: 1 };
}

describe('Spool', () => {
  test('what arrives in one turn of the event loop shares one transaction', async () => {
    const { events, file } = open();
    const transactions = vi.spyOn(file, 'write');
    const results = await Promise.all(Array.from({ length: 100 }, (_, n) => events.add(event(`d${String(n)}`))));
    expect(new Set(results)).toEqual(new Set(['spooled']));
    expect(transactions).toHaveBeenCalledTimes(1);
    expect(events.depth().events).toBe(100);
  });

  test('a digest is known for 6 h, also after it left, and within one transaction', async () => {
    let now = 1_788_220_800_000;
    const dataDir = createTempDir();
    const { file } = open(dataDir);
    const { Spool } = await import('../src/spool/spool.ts');
    const spool = new Spool(file, { now: () => now });
    expect(await Promise.all([spool.add(event('a')), spool.add(event('a'))])).toEqual(['spooled', 'duplicate']);
    spool.remove(spool.oldest(10, new Set()));
    now += 6 * 3_600_000 - 1;
    expect(await spool.add(event('a'))).toBe('duplicate');
    now += 1;
    expect(await spool.add(event('a'))).toBe('spooled');
    expect(spool.counters().duplicates).toBe(2);
  });

  test('an order to be erased, and what has expired, leave the dead letters; events stay', async () => {
    const { events } = open();
    for (const [digest, sn] of Object.entries({ one: 'SN1', two: 'SN2', three: 'SN1' }))
      await events.add(event(digest, { sn }));
    const [first, second] = events.oldest(2, new Set());
    if (first === undefined || second === undefined) throw new Error('not kept');
    for (const one of [first, second]) events.deadLetter(one, { reason: 'x', error: 'y' }, []);
    expect(events.eraseOrder('SN1')).toBe(1);
    expect(events.deadLetters({ limit: 9 }).map(({ sn }) => sn)).toEqual(['SN2']);
    expect(events.removeDeadLettersBefore(Date.now() - 1_000)).toBe(0);
    expect(events.removeDeadLettersBefore(Date.now() + 1_000)).toBe(1);
    expect(events.depth()).toMatchObject({ events: 1, deadLetters: 0 });
  });

  test('a dead-lettered notification expires with the dead letters of its time, a queued one stays', async () => {
    const { events, outbox } = open();
    for (const key of ['given-up', 'waits']) outbox.add(alert(key));
    const [first] = await outbox.take('test', { max: 1, blockMs: 0 });
    if (first === undefined) throw new Error('not kept');
    const outcome = { kind: 'dead-letter', reason: 'x', error: 'y' } as const;
    await outbox.settle('test', [{ delivery: first, outcome }]);
    expect(events.removeDeadLettersBefore(Date.now() - 1_000)).toBe(0);
    expect(events.removeDeadLettersBefore(Date.now() + 1_000)).toBe(1);
    expect(events.depth().notifications).toBe(1);
  });

  test('a notification that could not be settled comes again', async () => {
    const { outbox, file } = open();
    outbox.add(alert('a'));
    const [first] = await outbox.take('test', { max: 9, blockMs: 0 });
    if (first === undefined) throw new Error('not kept');
    expect(await outbox.take('test', { max: 9, blockMs: 0 })).toEqual([]);
    const settle = () => outbox.settle('test', [{ delivery: first, outcome: { kind: 'ack' } }]);
    file.write(() => file.sql('ALTER TABLE notifications RENAME TO elsewhere').run());
    await expect(settle()).rejects.toThrow('no such table');
    file.write(() => file.sql('ALTER TABLE elsewhere RENAME TO notifications').run());
    expect(await outbox.take('test', { max: 9, blockMs: 0 })).toEqual([first]);
    expect(await settle()).toEqual([true]);
  });

  test('a dead letter that was replayed and fails again keeps its history', async () => {
    let now = 1_788_220_800_000;
    const { file } = open();
    const { Spool } = await import('../src/spool/spool.ts');
    const spool = new Spool(file, { now: () => now });
    const { id } = event('a');
    await spool.add(event('a', { id }));
    const next = () => {
      const [one] = spool.oldest(1, new Set());
      if (one === undefined) throw new Error('nothing waits');
      return one;
    };
    spool.defer(next(), { delayMs: 0, error: 'first', countsAsFailure: true });
    now += 1_000;
    spool.deadLetter(next(), { reason: 'one', error: 'first' }, []);
    now += 1_000;
    expect(spool.replayDeadLetters([id, 'unknown'])).toBe(1);
    expect(next()).toMatchObject({ id, attempts: 0, interruptions: 0 });
    now += 1_000;
    spool.deadLetter(next(), { reason: 'two', error: 'second' }, []);
    const first = { reason: 'one', error: 'first', attempts: 2, first_failed_at: now - 3_000, dead_at: now - 2_000 };
    expect(spool.deadLetters({ limit: 9 })).toMatchObject([
      {
        reason: 'two',
        attempts: 1,
        firstFailedAt: now,
        deadLetteredAt: now,
        history: [{ ...first, replayed_at: now - 1_000 }],
      },
    ]);
    expect(spool.counters()).toMatchObject({ dead_lettered: 2, replayed: 1 });
    const steps = spool.steps({ after: 0, limit: 9 }).map(({ step }) => step.step);
    expect(steps).toEqual(['spooled', 'replayed']);
  });

  test('a write inside a write is a part of it', async () => {
    const { events, file, outbox } = open();
    await events.add(event('a'));
    const [saved] = events.oldest(1, new Set());
    if (saved === undefined) throw new Error('not kept');
    const work = () => {
      events.remove([saved]);
      outbox.add(alert('half-way'));
      throw new Error('half-way');
    };
    expect(() => file.write(work)).toThrow('half-way');
    expect(events.depth()).toMatchObject({ events: 1, notifications: 0 });
  });

  test('what was stored survives a kill −9', () => {
    const dataDir = createTempDir();
    const script = `
      import { createSpool } from ${JSON.stringify(join(import.meta.dirname, '../src/spool/create-spool.ts'))};
      import { createLogger } from ${JSON.stringify(join(import.meta.dirname, '../../runtime/src/index.ts'))};
      const { events } = createSpool({ dataDir: ${JSON.stringify(dataDir)}, logger: createLogger({ name: 't', level: 'silent' }) });
      await events.add(${JSON.stringify(event('kept'))});
      process.kill(process.pid, 'SIGKILL');`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
    expect(child.signal).toBe('SIGKILL');
    expect(
      open(dataDir)
        .events.oldest(10, new Set())
        .map(({ digest }) => digest),
    ).toEqual(['kept']);
  });

  test('its files are readable by its owner only', async () => {
    const { events, dataDir } = open();
    await events.add(event('a'));
    const modes = readdirSync(dataDir).map((name) => [name, statSync(join(dataDir, name)).mode & 0o777]);
    expect(modes).toEqual(['spool.db', 'spool.db-shm', 'spool.db-wal'].map((name) => [name, 0o600]));
  });
});

describe('a corrupt spool', () => {
  test('at the start is quarantined under another name, reported, and replaced', async () => {
    const dataDir = createTempDir();
    writeFileSync(join(dataDir, 'spool.db'), 'this is no database, but it may have been one'.repeat(200));
    const { events, log, ...parts } = open(dataDir);
    parts.open();
    expect(await events.add(event('a'))).toBe('spooled');
    const aside = readdirSync(dataDir).filter((name) => name.startsWith('spool.db.corrupt-'));
    expect(aside).toHaveLength(1);
    expect(readFileSync(join(dataDir, String(aside[0])), 'utf8')).toContain('this is no database');
    expect(parts.file.quarantined()).toEqual(aside);
    expect(log.lines.some(({ msg }) => msg === 'corrupt spool quarantined')).toBe(true);
  });

  test('whose quarantine was cut short by a kill −9 loses nothing: the next process finishes it', async () => {
    const before = open();
    await before.events.add(event('in the file'));
    before.file.close();
    await before.events.add(event('in the log'));
    const dataDir = createTempDir();
    const name = 'spool.db.corrupt-2026-11-28T00-00-00.000Z';
    // As after the intent and the first rename: the log is still where a new file's would be.
    writeFileSync(join(dataDir, 'spool.db.quarantine'), name);
    writeFileSync(join(dataDir, name), 'no database'.repeat(1_000));
    copyFileSync(join(before.dataDir, 'spool.db-wal'), join(dataDir, 'spool.db-wal'));
    const { events, file } = open(dataDir);
    expect(await events.add(event('after'))).toBe('spooled');
    expect(readFileSync(join(dataDir, `${name}-wal`), 'utf8')).toContain('in the log');
    expect(readdirSync(dataDir)).not.toContain('spool.db.quarantine');
    expect(file.quarantined()).toEqual([name]);
  });

  test('that cannot be read at all keeps its log, with the pushes in it', async () => {
    const before = open();
    await before.events.add(event('in the file'));
    before.file.close();
    await before.events.add(event('in the log'));
    // As a crash leaves it: what was committed is in the log.
    const dataDir = createTempDir();
    for (const name of ['spool.db', 'spool.db-wal']) copyFileSync(join(before.dataDir, name), join(dataDir, name));
    writeFileSync(join(dataDir, 'spool.db'), 'no database'.repeat(1_000));
    const { events } = open(dataDir);
    expect(await events.add(event('after'))).toBe('spooled');
    const log = readdirSync(dataDir).find((name) => /^spool\.db\.corrupt-.*-wal$/.test(name));
    expect(readFileSync(join(dataDir, log ?? 'none'), 'utf8')).toContain('in the log');
  });

  test('while running is quarantined, and its readable rows are recovered', async () => {
    const { events, file, dataDir } = open();
    for (let number = 0; number < 300; number += 1) {
      await events.add(event(`d${String(number)}`, { payloadText: `{"code":3,"data":{"note":"${'x'.repeat(500)}"}}` }));
    }
    events.remove(events.oldest(1, new Set()));
    const inFlight = events.oldest(2, new Set());
    file.close();
    // Overwrites the middle of the file: the pages at its start and end stay as they are.
    const bytes = readFileSync(file.path);
    bytes.fill(0xab, Math.floor(bytes.length * 0.5), Math.floor(bytes.length * 0.7));
    writeFileSync(file.path, bytes);
    expect(await events.add(event('after'))).toBe('spooled');
    expect(readdirSync(dataDir).filter((name) => /^spool\.db\.corrupt-.*Z$/.test(name))).toHaveLength(1);
    const digests = events.oldest(1_000, new Set()).map(({ digest }) => digest);
    expect(digests.at(-1)).toBe('after');
    expect(digests.slice(0, 10)).toEqual(Array.from({ length: 10 }, (_, n) => `d${String(n + 1)}`));
    expect(digests.at(-2)).toBe('d299');
    expect(digests.length).toBeGreaterThan(50);
    // They have other places now.
    events.remove(inFlight);
    expect(events.oldest(2, new Set()).map(({ digest }) => digest)).toEqual(['d3', 'd4']);
  });

  test('that was quarantined by a process that died then is recovered by the next, once', async () => {
    const dataDir = createTempDir();
    const name = 'spool.db.corrupt-2026-11-28T00-00-00.000Z';
    const aside = new DatabaseSync(join(dataDir, name));
    // Not STRICT: as damage may leave it, a value is of another type than it must be.
    aside.exec(`
      CREATE TABLE events (seq INTEGER PRIMARY KEY, id TEXT, digest TEXT, payload TEXT, code INTEGER, accepted_at INTEGER, due_at);
      INSERT INTO events VALUES (1, 'odd', 'odd', '{"code":3}', 3, 1, 'soon'), (2, 'kept', 'kept', '{"code":3}', 3, 1, 1);`);
    aside.close();

    const second = open(dataDir);
    second.parts.open();
    expect(second.events.oldest(9, new Set()).map(({ digest }) => digest)).toEqual(['kept']);
    expect(second.file.quarantined()).toEqual([name]);
    second.events.remove(second.events.oldest(9, new Set()));
    second.file.close();
    const third = open(dataDir);
    expect(third.events.depth().events).toBe(0);
    expect(readdirSync(dataDir)).toContain(name);
  });

  test('shows at /health', async () => {
    const env = environment(undefined);
    mkdirSync(env['DATA_DIR'] ?? '', { recursive: true });
    writeFileSync(join(env['DATA_DIR'] ?? '', 'spool.db'), 'garbage'.repeat(1_000));
    const { forwarder } = await runForwarder(env);
    closing.push(() => forwarder.stop());
    expect((await inject(forwarder, orderPush('A'))).statusCode).toBe(200);
    const health = (await forwarder.app.inject('/health')).json<{
      checks: { spool: { status: string; detail: string } };
    }>();
    expect(health.checks.spool).toMatchObject({
      status: 'warning',
      detail: expect.stringContaining('spool.db.corrupt-') as unknown,
    });
  });
});

/** Only root may mount a disk of one megabyte. */
const isRoot = process.getuid?.() === 0;
if (!isRoot) process.stderr.write('NOT RUN, for it needs root: what happens when the disk of the spool is full\n');

describe.runIf(isRoot)('a full disk', () => {
  function mount(): string {
    const dir = createTempDir();
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', dir]);
    if (mounted.status !== 0) throw new Error(`mount failed: ${mounted.stderr.toString()}`);
    closing.push(() => spawnSync('umount', ['-l', dir]));
    return dir;
  }

  async function startOn(dataDir: string, workerUrl = 'http://127.0.0.1:1/'): Promise<TestForwarder> {
    const running = await runForwarder(environment(undefined, { DATA_DIR: dataDir, FORWARD_WEBHOOK_URL: workerUrl }));
    closing.push(() => running.forwarder.stop());
    return running;
  }

  test('pushes get a 503, /health says why, and all that got a 200 are there when there is room', async () => {
    const dir = mount();
    const { forwarder } = await startOn(dir);
    let accepted = 0;
    let rejected = 0;
    for (let number = 0; rejected < 5 && number < 5_000; number += 1) {
      const body = orderPush(`ORDER${String(number)}`).replace('"items":[]', `"items":["${'x'.repeat(2_000)}"]`);
      const { statusCode, rawPayload } = await inject(forwarder, body);
      expect(rawPayload).toHaveLength(0);
      if (statusCode === 200) accepted += 1;
      else rejected += 1;
      expect([200, 503]).toContain(statusCode);
    }
    expect([accepted > 50, rejected]).toEqual([true, 5]);
    const health = await forwarder.app.inject('/health');
    expect(health.statusCode).toBe(503);
    expect(health.json()).toMatchObject({
      checks: { spool: { status: 'failing', detail: expect.stringContaining('full') as unknown } },
    });

    spawnSync('mount', ['-o', 'remount,size=40m', dir]);
    expect((await inject(forwarder, orderPush('ROOM'))).statusCode).toBe(200);
    expect((await forwarder.app.inject('/health')).statusCode).toBe(200);
    expect((await forwarder.app.inject('/queue/stats')).json()).toMatchObject({ spool: { depth: accepted + 1 } });
  });

  test('the worker does not get again what it handled while the disk was full', async () => {
    const dir = mount();
    let fill = () => {};
    const upstream = await startWorker(() => {
      fill();
      return handled;
    });
    closing.push(() => upstream.close());
    const { forwarder, log } = await startOn(dir, upstream.url);
    fill = () => spawnSync('sh', ['-c', `dd if=/dev/zero of=${dir}/ballast bs=1k count=5000 2>/dev/null`]);
    // Large rows, so that deleting one needs new room in the log file.
    for (const sn of ['A', 'B'])
      await inject(forwarder, orderPush(sn).replace('"items":[]', `"items":["${'x'.repeat(60_000)}"]`));
    await vi.waitFor(() => expect(upstream.received).toHaveLength(2), 10_000);
    await vi.waitFor(() => expect(log.lines.map(({ msg }) => msg)).toContain('worker responses not recorded'), 10_000);
    rmSync(join(dir, 'ballast'), { force: true });
    fill = () => {};
    await vi.waitFor(
      async () => {
        expect((await forwarder.app.inject('/queue/stats')).json()).toMatchObject({ spool: { depth: 0 } });
      },
      { timeout: 10_000 },
    );
    expect(upstream.received).toHaveLength(2);
  });

  test('the alert goes out through Redis while the disk takes nothing', async () => {
    const dir = mount();
    spawnSync('sh', ['-c', `dd if=/dev/zero of=${dir}/ballast bs=1k count=5000 2>/dev/null`]);
    const running = await runForwarder(environment(provided('redisPort'), { DATA_DIR: dir }));
    closing.push(() => running.forwarder.stop());
    // On a busy machine Redis may be found late, and until then there is nowhere to keep a push.
    await vi.waitFor(async () => {
      expect((await inject(running.forwarder, orderPush('A'))).statusCode).toBe(200);
      const health = (await running.forwarder.app.inject('/health')).json();
      expect(health).toMatchObject({ status: 'ok', checks: { spool: { status: 'warning' } } });
    }, 15_000);
    const redis = redisOf(provided('redisPort'));
    closing.push(() => redis.disconnect());
    await vi.waitFor(
      async () => expect(await redis.hget(running.keys.notifications.stats, 'total_received')).toBe('1'),
      { timeout: 10_000 },
    );
  });

  test('a full disk at the start is no reason not to start', async () => {
    const dir = mount();
    spawnSync('sh', ['-c', `dd if=/dev/zero of=${dir}/ballast bs=1k count=5000 2>/dev/null`]);
    const { forwarder } = await startOn(dir);
    expect((await inject(forwarder, orderPush('A'))).statusCode).toBe(503);
    rmSync(join(dir, 'ballast'));
    expect((await inject(forwarder, orderPush('A'))).statusCode).toBe(200);
  });
});
