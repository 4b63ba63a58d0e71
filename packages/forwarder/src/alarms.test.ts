import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@shopee-webhook/runtime';
import type { AlarmNotification } from '@shopee-webhook/store';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Alarms } from './alarms.ts';
import { SpoolFile } from './spool/spool-file.ts';
import { SpoolOutbox } from './spool/spool-outbox.ts';

const logger = createLogger({ name: 'test', level: 'silent' });
const text = { severity: 'critical' as const, title: 'Redis is away', text: 'Start it.' };
const over = { title: 'Redis is back', text: '' };
let dataDir: string;
let file: SpoolFile;
let sent: AlarmNotification[];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'alarms-'));
  file = new SpoolFile({ dataDir, logger });
  sent = [];
});
afterEach(() => {
  file.close();
  rmSync(dataDir, { recursive: true });
});

const send = (alarm: AlarmNotification): void => {
  sent.push(alarm);
};
const make = (publish = send) => new Alarms({ file, publish, logger });
const phases = () => sent.map(({ key, phase }) => `${key} ${phase}`);

describe('Alarms', () => {
  test('tells once that a trouble begins and once that it ends', () => {
    const alarms = make();
    alarms.end('redis-away', over);
    alarms.begin('redis-away', text);
    alarms.begin('redis-away', text);
    expect(alarms.active()).toMatchObject([{ key: 'redis-away', title: 'Redis is away' }]);
    alarms.end('redis-away', over);
    alarms.end('redis-away', over);
    expect(phases()).toEqual(['redis-away begin', 'redis-away end']);
    expect(alarms.active()).toEqual([]);
  });

  test('a restart in the middle neither repeats the begin nor forgets the end', () => {
    make().begin('redis-away', text);
    const next = make();
    next.begin('redis-away', text);
    next.end('redis-away', over);
    expect(phases()).toEqual(['redis-away begin', 'redis-away end']);
    make().end('redis-away', over);
    expect(phases()).toHaveLength(2);
  });

  test('what could not be sent is sent as soon as it can be', async () => {
    let full = true;
    const alarms = make((alarm) => {
      if (full) throw new Error('disk full');
      sent.push(alarm);
    });
    alarms.begin('spool-full', text);
    expect(phases()).toEqual([]);
    full = false;
    await alarms.retry();
    await alarms.retry();
    expect(phases()).toEqual(['spool-full begin']);
  });

  test('is sent and remembered in one step, so that a fault in between does not send it twice', async () => {
    const outbox = new SpoolOutbox(file);
    file.write(() => file.sql('ALTER TABLE alarms RENAME TO elsewhere').run());
    const alarms = make((alarm) => outbox.add(alarm));
    alarms.begin('redis-away', text);
    expect(await outbox.take('test', { max: 9, blockMs: 0 })).toEqual([]);
    file.write(() => file.sql('ALTER TABLE elsewhere RENAME TO alarms').run());
    await alarms.retry();
    make((alarm) => outbox.add(alarm)).begin('redis-away', text);
    expect(await outbox.take('test', { max: 9, blockMs: 0 })).toHaveLength(1);
  });

  test('what could not be sent goes another way if there is one', async () => {
    const publish = () => {
      throw new Error('disk full');
    };
    const otherwise = async (alarm: AlarmNotification) => sent.push(alarm) > 0;
    const alarms = new Alarms({ file, publish, otherwise, logger });
    alarms.begin('spool-full', text);
    await alarms.retry();
    await alarms.retry();
    expect(phases()).toEqual(['spool-full begin']);
  });
});
