import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectRedis, keysOf, Queue } from '@shopee-webhook/store';
import { expect, inject, onTestFinished, test } from 'vitest';
import { TroubleFactsGatherer } from '../src/alerts/trouble-facts.ts';
import { AnswerCounts } from '../src/answer-counts.ts';
import { EventLog } from '../src/event-log.ts';
import { createHealthChecks } from '../src/health-checks.ts';
import { HistoryClient } from '../src/history/history-client.ts';
import { FilteredOutbox } from '../src/outbox.ts';
import { QueueReporter } from '../src/queue-report.ts';
import { RefusedPushes } from '../src/refused-pushes.ts';
import { createSpoolParts } from '../src/spool-parts.ts';
import { freshDir, testLog } from './helpers.ts';

/** Something else stands where DATA_DIR should be. */
function unreadable() {
  const dataDir = join(freshDir(), 'data');
  writeFileSync(dataDir, '');
  const { logger } = testLog();
  const spool = createSpoolParts({ dataDir, logger });
  onTestFinished(() => spool.file.close());
  return { dataDir, logger, spool };
}

test('alerts that wait in Redis are told', async () => {
  const { spool } = unreadable();
  const redis = connectRedis({ host: '127.0.0.1', port: inject('redisPort') });
  onTestFinished(() => redis.disconnect());
  const queue = new Queue({ redis, keys: keysOf(`t${randomUUID()}`).notifications });
  onTestFinished(() => queue.close());
  await queue.enqueue('{"kind":"event","messageId":"a"}');
  const outbox = new FilteredOutbox({ inner: queue, wasHandled: (id) => spool.events.wasHandled(id) });
  expect(await outbox.take('test', { max: 1, blockMs: 1_000 })).toHaveLength(1);
});

test('what else is wrong is judged', async () => {
  const { dataDir, logger, spool } = unreadable();
  const pushConfig = {
    callbackUrl: undefined,
    status: 'suspended',
    suspendedAt: 1,
    blockedShopIds: [],
    onCodes: [],
    offCodes: [],
  };
  const facts = new TroubleFactsGatherer({
    reporter: new QueueReporter({ spool: spool.events, redis: undefined }),
    inspector: undefined,
    answers: new AnswerCounts({ dataDir }),
    refused: new RefusedPushes({ dataDir }),
    shopee: { getPushConfig: async () => pushConfig },
    dataDir: join(dataDir, 'gone'),
    logger,
  });
  expect(await facts.gather()).toMatchObject({ disk: undefined, subscription: { status: 'suspended' } });
});

test('/health says so in words', async () => {
  const { dataDir, logger, spool } = unreadable();
  expect(() => spool.events.trim()).toThrow('EEXIST');
  const health = createHealthChecks({
    gate: undefined,
    file: spool.file,
    eventLog: new EventLog({ dir: dataDir, retentionDays: 1, logger }),
    history: new HistoryClient(join(dataDir, 'history.db')),
  });
  expect(health.report().checks['spool']?.detail).toContain('DATA_DIR cannot be written (EEXIST');
});
