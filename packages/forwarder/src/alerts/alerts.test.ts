import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@shopee-webhook/runtime';
import type { AlertNotification } from '@shopee-webhook/store';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Alerts } from './alerts.ts';
import { SpoolFile } from '../spool/spool-file.ts';
import { SpoolOutbox } from '../spool/spool-outbox.ts';

const logger = createLogger({ name: 'test', level: 'silent' });
const text = { severity: 'critical' as const, title: 'Redis is away', text: 'Start it.' };
const over = { title: 'Redis is back', text: '' };
let dataDir: string;
let file: SpoolFile;
let sent: AlertNotification[];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'alarms-'));
  file = new SpoolFile({ dataDir, logger });
  sent = [];
});
afterEach(() => {
  file.close();
  rmSync(dataDir, { recursive: true });
});

const send = (alarm: AlertNotification): void => {
  sent.push(alarm);
};
const make = (publish = send) => new Alerts({ file, publish, logger });
const phases = () => sent.map(({ key, status }) => `${key} ${status}`);

describe('Alarms', () => {
  test('tells once that a trouble begins and once that it ends', () => {
    const alarms = make();
    alarms.resolve('redis-away', over);
    alarms.raise('redis-away', text);
    alarms.raise('redis-away', text);
    expect(alarms.active()).toMatchObject([{ key: 'redis-away', title: 'Redis is away' }]);
    alarms.resolve('redis-away', over);
    alarms.resolve('redis-away', over);
    expect(phases()).toEqual(['redis-away firing', 'redis-away resolved']);
    expect(alarms.active()).toEqual([]);
  });

  test('a restart in the middle neither repeats the begin nor forgets the resolved', () => {
    make().raise('redis-away', text);
    const next = make();
    next.raise('redis-away', text);
    next.resolve('redis-away', over);
    expect(phases()).toEqual(['redis-away firing', 'redis-away resolved']);
    make().resolve('redis-away', over);
    expect(phases()).toHaveLength(2);
  });

  test('what could not be sent is sent as soon as it can be', async () => {
    let full = true;
    const alarms = make((alarm) => {
      if (full) throw new Error('disk full');
      sent.push(alarm);
    });
    alarms.raise('spool-full', text);
    expect(phases()).toEqual([]);
    full = false;
    await alarms.flush();
    await alarms.flush();
    expect(phases()).toEqual(['spool-full firing']);
  });

  test('is sent and remembered in one step, so that a fault in between does not send it twice', async () => {
    const outbox = new SpoolOutbox(file);
    file.write(() => file.sql('ALTER TABLE alarms RENAME TO elsewhere').run());
    const alarms = make((alarm) => outbox.add(alarm));
    alarms.raise('redis-away', text);
    expect(await outbox.dequeue('test', { max: 9, blockMs: 0 })).toEqual([]);
    file.write(() => file.sql('ALTER TABLE elsewhere RENAME TO alarms').run());
    await alarms.flush();
    make((alarm) => outbox.add(alarm)).raise('redis-away', text);
    expect(await outbox.dequeue('test', { max: 9, blockMs: 0 })).toHaveLength(1);
  });

  test('what could not be sent goes another way if there is one', async () => {
    const publish = () => {
      throw new Error('disk full');
    };
    const fallbackPublish = async (alarm: AlertNotification) => sent.push(alarm) > 0;
    const alarms = new Alerts({ file, publish, fallbackPublish, logger });
    alarms.raise('spool-full', text);
    await alarms.flush();
    await alarms.flush();
    expect(phases()).toEqual(['spool-full firing']);
  });
});
