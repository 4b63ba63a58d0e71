import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createLogger } from '@shopee-webhook/runtime';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SpoolFile } from '../../src/spool/spool-file.ts';
import { SpoolOutbox } from '../../src/spool/spool-outbox.ts';
import type { Notifier } from '../../../notifier/src/notifier.ts';
import { startHarness, type Harness } from '../../../notifier/test/harness.ts';

let harness: Harness;
let file: SpoolFile;
let usable: boolean;
let active: boolean;

beforeEach(async () => {
  harness = await startHarness();
  file = new SpoolFile({ dataDir: harness.dataDir, logger: createLogger({ name: 'test', level: 'silent' }) });
  usable = false;
  active = true;
});

afterEach(async () => {
  await harness.close();
  file.close();
});

function started(): Notifier {
  const { redis, keys, outbox } = harness;
  const alertConditions = async () => [
    { key: 'spool-in-use', active, severity: 'warning' as const, title: 'Events wait on disk', text: 'They follow.' },
  ];
  const shared = { redis, keys, outbox, queue: outbox, isAvailable: () => usable };
  const notifier = harness.notifier({ shared, local: new SpoolOutbox(file), alertConditions, leaderLeaseMs: 1_500 });
  notifier.start();
  return notifier;
}

const sent = () =>
  harness.telegram
    .messages()
    .filter(({ service }) => service === undefined)
    .map(({ text }) => text.split('\n')[0]);

it('that fired without Redis resolve once through Redis, and not in the next outage', async () => {
  started();
  await expect.poll(() => sent().length).toBe(1);
  usable = true;
  await expect.poll(() => harness.redis.hexists(`${harness.keys.prefix}:telegram:alerts`, 'spool-in-use')).toBe(1);
  expect(sent()).toHaveLength(1);
  active = false;
  await expect.poll(() => sent().length, { timeout: 20_000 }).toBe(2);
  expect(sent()[1]).toContain('Resolved: Events wait on disk');

  usable = false;
  active = true;
  await expect.poll(() => sent().length, { timeout: 20_000 }).toBe(3);
  expect(sent()[2]).not.toContain('Over');
}, 70_000);

it('are sent through Redis although the state on disk is unreadable', async () => {
  mkdirSync(join(harness.dataDir, 'telegram-state.json'));
  usable = true;
  started();
  await expect.poll(() => sent().length, { timeout: 20_000 }).toBe(1);
}, 30_000);
