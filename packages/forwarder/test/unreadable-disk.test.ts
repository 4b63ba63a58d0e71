import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectRedis, buildKeys, Queue } from '@shopee-webhook/store';
import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { AlertInputCollector } from '../src/alerts/inputs.ts';
import { ResponseStats } from '../src/ingest/response-stats.ts';
import { EventLog } from '../src/ingest/event-log.ts';
import { createHealthChecks } from '../src/monitoring/health-checks.ts';
import { HistoryClient } from '../../history/src/history/history-client.ts';
import { DeduplicatingOutbox } from '../../notifier/src/outbox/outbox.ts';
import { QueueStatsReader } from '../src/monitoring/queue-stats.ts';
import { RejectedPushes } from '../src/ingest/rejected-pushes.ts';
import { createSpool } from '../src/spool/create-spool.ts';
import { createTempDir, testLog } from './helpers.ts';

/** Something else stands where DATA_DIR should be. */
function unreadable() {
  const dataDir = join(createTempDir(), 'data');
  writeFileSync(dataDir, '');
  const { logger } = testLog();
  const spool = createSpool({ dataDir, logger });
  onTestFinished(() => spool.file.close());
  return { dataDir, logger, spool };
}

test('notifications in Redis are delivered', async () => {
  const { spool } = unreadable();
  const redis = connectRedis({ host: '127.0.0.1', port: inject('redisPort') });
  onTestFinished(() => redis.disconnect());
  const queue = new Queue({ redis, keys: buildKeys(`t${randomUUID()}`).notifications });
  onTestFinished(() => queue.close());
  await queue.enqueue('{"kind":"event","messageId":"a"}');
  const outbox = new DeduplicatingOutbox({ inner: queue, wasHandled: (id) => spool.events.wasHandled(id) });
  expect(await outbox.take('test', { max: 1, blockMs: 1_000 })).toHaveLength(1);
});

test('other alert inputs are collected', async () => {
  const { dataDir, logger, spool } = unreadable();
  const pushConfig = {
    callbackUrl: undefined,
    status: 'suspended',
    suspendedAt: 1,
    blockedShopIds: [],
    enabledCodes: [],
    disabledCodes: [],
  };
  const inputs = new AlertInputCollector({
    queueStats: new QueueStatsReader({ spool: spool.events, redis: undefined }),
    redis: undefined,
    file: spool.file,
    drainer: { workerUnreachable: undefined },
    responseStats: new ResponseStats({ dataDir }),
    rejected: new RejectedPushes({ dataDir }),
    shopee: { getPushConfig: async () => pushConfig },
    dataDir: join(dataDir, 'gone'),
    logger,
  });
  await inputs.collect();
  await vi.waitFor(async () =>
    expect(await inputs.collect()).toMatchObject({ disk: undefined, subscription: { status: 'suspended' } }),
  );
});

test('/health says so in words', async () => {
  const { dataDir, logger, spool } = unreadable();
  expect(() => spool.events.trim()).toThrow('EEXIST');
  const health = createHealthChecks({
    redisMonitor: undefined,
    file: spool.file,
    eventLog: new EventLog({ dir: dataDir, retentionDays: 1, logger }),
    history: new HistoryClient(join(dataDir, 'history.db')),
  });
  expect(health.report().checks['spool']?.detail).toContain('DATA_DIR cannot be written (EEXIST');
});
