import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createLogger } from '@shopee-webhook/runtime';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SpoolFile } from '../../src/spool/spool-file.ts';
import { SpoolOutbox } from '../../src/spool/spool-outbox.ts';
import type { Notifier } from '../../../notifier/src/notifier.ts';
import { startHarness, type Harness } from '../../../notifier/test/harness.ts';

let rig: Harness;
let file: SpoolFile;
let usable: boolean;
let active: boolean;

beforeEach(async () => {
  rig = await startHarness();
  file = new SpoolFile({ dataDir: rig.dataDir, logger: createLogger({ name: 'test', level: 'silent' }) });
  usable = false;
  active = true;
});

afterEach(async () => {
  await rig.close();
  file.close();
});

function started(): Notifier {
  const { redis, keys, outbox } = rig;
  const alertConditions = async () => [
    { key: 'spool-in-use', active, severity: 'warning' as const, title: 'Events wait on disk', text: 'They follow.' },
  ];
  const shared = { redis, keys, outbox, queue: outbox, isAvailable: () => usable };
  const notifier = rig.notifier({ shared, local: new SpoolOutbox(file), alertConditions, leaderLeaseMs: 1_500 });
  notifier.start();
  return notifier;
}

const told = () =>
  rig.telegram
    .messages()
    .filter(({ service }) => service === undefined)
    .map(({ text }) => text.split('\n')[0]);

it('that began without Redis end once, by the outbox in Redis when that is back, and not in the next outage', async () => {
  started();
  await expect.poll(() => told().length).toBe(1);
  usable = true;
  await expect.poll(() => rig.redis.hexists(`${rig.keys.prefix}:telegram:alerts`, 'spool-in-use')).toBe(1);
  expect(told()).toHaveLength(1);
  active = false;
  await expect.poll(() => told().length, { timeout: 20_000 }).toBe(2);
  expect(told()[1]).toContain('Over: Events wait on disk');

  usable = false;
  active = true;
  await expect.poll(() => told().length, { timeout: 20_000 }).toBe(3);
  expect(told()[2]).not.toContain('Over');
}, 70_000);

it('are told by way of Redis although what the desk on disk remembers cannot be read', async () => {
  mkdirSync(join(rig.dataDir, 'telegram-state.json'));
  usable = true;
  started();
  await expect.poll(() => told().length, { timeout: 20_000 }).toBe(1);
}, 30_000);
