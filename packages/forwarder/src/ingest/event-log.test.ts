import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@shopee-webhook/runtime';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EventLog } from './event-log.ts';

const logger = createLogger({ name: 'test', level: 'silent' });
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'event-log-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const event = (id: string) => ({
  id,
  outcome: 'queued' as const,
  code: 3,
  shop: '1',
  pushText: `{"code":3,\r\n "data":{"id":12345678901234567890}}`,
});
const linesOf = (name: string) => readFileSync(join(dir, name), 'utf8').trim().split('\n');

describe('EventLog', () => {
  test('writes one JSON object a line, with the push letter by letter but for line breaks', async () => {
    const log = new EventLog({ dir, retentionDays: 90, logger, now: () => Date.parse('2026-09-01T23:59:59Z') });
    log.append(event('a'));
    log.append(event('b'));
    await log.close();
    const lines = linesOf('webhook_events_2026-09-01.json');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { id: 'a' },
      { id: 'b', at: '2026-09-01T23:59:59.000Z' },
    ]);
    expect(lines[0]).toContain('"push":{"code":3,  "data":{"id":12345678901234567890}}'.replace('  ', '  '));
    expect(statSync(join(dir, 'webhook_events_2026-09-01.json')).mode & 0o777).toBe(0o600);
  });

  test('begins a new file with each day (UTC)', async () => {
    let now = Date.parse('2026-09-01T23:59:59Z');
    const log = new EventLog({ dir, retentionDays: 90, logger, now: () => now });
    log.append(event('a'));
    now += 2_000;
    log.append(event('b'));
    await log.close();
    expect(linesOf('webhook_events_2026-09-01.json')).toHaveLength(1);
    expect(linesOf('webhook_events_2026-09-02.json')).toHaveLength(1);
  });

  test('what comes while it writes is not lost', async () => {
    const log = new EventLog({ dir, retentionDays: 90, logger, now: () => Date.parse('2026-09-01T12:00:00Z') });
    for (let number = 0; number < 500; number += 1) {
      log.append(event(String(number)));
      if (number % 7 === 0) void log.flush();
      if (number % 50 === 0) await new Promise(setImmediate);
    }
    await log.close();
    const ids = linesOf('webhook_events_2026-09-01.json').map((line) => (JSON.parse(line) as { id: string }).id);
    expect(ids).toEqual(Array.from({ length: 500 }, (_, number) => String(number)));
  });

  test('a disk that rejects lines is reported, and they follow once it accepts them', async () => {
    const blocked = join(dir, 'logs');
    writeFileSync(blocked, 'a file where the folder should be');
    const log = new EventLog({
      dir: blocked,
      retentionDays: 90,
      logger,
      now: () => Date.parse('2026-09-01T12:00:00Z'),
    });
    log.append(event('a'));
    await log.flush();
    expect(log.error).toBeDefined();
    rmSync(blocked);
    await log.close();
    expect(log.error).toBeUndefined();
    expect(readFileSync(join(blocked, 'webhook_events_2026-09-01.json'), 'utf8')).toContain('"id":"a"');
  });

  test('a disk that rejects lines for long costs lines, not memory', () => {
    const log = new EventLog({ dir, retentionDays: 90, logger });
    const big = { ...event('a'), pushText: `"${'x'.repeat(1_000_000)}"` };
    for (let number = 0; number < 20; number += 1) log.append(big);
    expect(log.dropped).toBeGreaterThan(0);
  });

  test('lines of orders to be forgotten are removed from every file, and what comes meanwhile is written', async () => {
    let now = Date.parse('2026-09-01T12:00:00Z');
    const log = new EventLog({ dir, retentionDays: 90, logger, now: () => now });
    const of = (id: string, sn: string) => ({ ...event(id), pushText: `{"code":3,"data":{"ordersn":"${sn}"}}` });
    log.append(of('a', 'SN1'));
    log.append(of('b', 'SN2'));
    await log.flush();
    now += 24 * 3_600_000;
    log.append(of('c', 'SN1'));
    const removed = log.eraseOrders(['SN1']);
    log.append(of('d', 'SN3'));
    await log.flush();
    expect(await removed).toBe(2);
    await log.close();
    const ids = ['2026-09-01', '2026-09-02'].map((day) =>
      linesOf(`webhook_events_${day}.json`).map((line) => (JSON.parse(line) as { id: string }).id),
    );
    expect(ids).toEqual([['b'], ['d']]);
    expect(readdirSync(dir)).toHaveLength(2);
    expect(statSync(join(dir, 'webhook_events_2026-09-01.json')).mode & 0o777).toBe(0o600);
  });

  test('removes files older than the retention, and nothing else', async () => {
    for (const name of [
      'webhook_events_2026-08-01.json',
      'webhook_events_2026-08-31.json',
      'webhook_events.json',
      'notes.txt',
    ]) {
      writeFileSync(join(dir, name), '');
    }
    const log = new EventLog({ dir, retentionDays: 7, logger, now: () => Date.parse('2026-09-01T12:00:00Z') });
    await log.prune();
    expect(readdirSync(dir).toSorted()).toEqual(['notes.txt', 'webhook_events.json', 'webhook_events_2026-08-31.json']);
    chmodSync(dir, 0o700);
  });
});
