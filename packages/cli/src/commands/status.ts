import { setTimeout as sleep } from 'node:timers/promises';
import { QueueInspector, SettingsStore } from '@shopee-webhook/store';
import type { Command } from 'commander';
import { exitCodes } from '../errors/cli-error.ts';
import { fetchForwarderReport, forwarderUrl } from '../clients/forwarder.ts';
import { pausedMessage, resumeHint } from '../output/pause.ts';
import { withRedis, type RedisLink } from '../clients/redis.ts';
import { table, formatTime, type Shell } from '../output/shell.ts';

/** `status`: queue, consumers and outbox; exit code 1 when something needs attention. */
export function addStatus(program: Command, shell: Shell): void {
  program
    .command('status')
    .description('queue, consumers and outbox at a glance')
    .option('--watch', 'refresh every two seconds, until Ctrl-C')
    .action(({ watch = false }: { watch?: boolean }) =>
      withRedis(shell.env, async (link) => {
        const forwarder = forwarderUrl(shell.env);
        for (;;) {
          const status = await readStatus(link, forwarder);
          shell.exitCode = status.problems.length > 0 ? exitCodes.failure : exitCodes.success;
          if (watch && shell.isTty && !shell.json) shell.out('\u001B[2J\u001B[H');
          shell.show(status, () => linesOf(status, shell));
          if (!watch || shell.signal.aborted) return;
          await sleep(2_000, undefined, { signal: shell.signal }).catch(() => undefined);
        }
      }),
    );
}

type Status = Awaited<ReturnType<typeof readStatus>>;

/** `spool`: null when the forwarder was not reached; the totals are then those of Redis alone. */
async function readStatus({ redis, keys }: RedisLink, forwarder: string) {
  const inspector = new QueueInspector({ redis, keys: keys.webhooks });
  const outbox = new QueueInspector({ redis, keys: keys.notifications });
  const [stats, workers, { queue: alerts }, { CONSUMERS_PAUSED: pausedSince }, report] = await Promise.all([
    inspector.queueStats(),
    inspector.listConsumers(),
    outbox.queueStats(),
    new SettingsStore({ redis, keys }).getRuntimeSettings(),
    fetchForwarderReport(forwarder),
  ]);
  const problems = [
    ...(workers.some(({ state }) => state !== 'stopped') ? [] : ['no live consumer: is the worker running?']),
    ...(pausedSince === undefined ? [] : [`${pausedMessage(pausedSince)}: ${resumeHint}`]),
    ...(stats.queue.deadLetter > 0 ? [`${String(stats.queue.deadLetter)} dead letters: shopee-webhook dlq list`] : []),
    ...(stats.queue.oldestSeconds > 300
      ? [`the oldest message has waited ${String(stats.queue.oldestSeconds)} s`]
      : []),
  ];
  const totals = { ...stats.totals, ...report?.totals };
  return { ...stats, totals, spool: report?.spool ?? null, forwarder, workers, alerts, problems: problems };
}

function linesOf(status: Status, shell: Shell): string[] {
  const { queue, totals, spool, forwarder, alerts, workers, redis, problems } = status;
  const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  return [
    `queue     ${queue.depth} queued, ${queue.processing} in flight, ${queue.retrying} retrying, ${queue.deadLetter} dead letters; oldest ${queue.oldestSeconds} s`,
    `totals    ${totals.received} received, ${totals.processed} processed, ${totals.duplicates} duplicates, ${totals.retried} retried, ${totals.deadLettered} dead-lettered`,
    spool === null
      ? `          from Redis alone: no forwarder responds at ${forwarder}`
      : `spool     ${spool.depth} on disk, ${spool.deadLetter} dead letters; oldest ${spool.oldestSeconds} s`,
    `alerts    ${alerts.depth} queued, ${alerts.processing} in flight, ${alerts.retrying} retrying, ${alerts.deadLetter} dead-lettered`,
    `redis     ${mib(redis.memoryUsedBytes)} of ${redis.memoryMaxBytes === 0 ? 'no limit' : mib(redis.memoryMaxBytes)}`,
    '',
    ...table(
      ['consumer', 'state', 'in flight', 'processed', 'failed', 'avg ms', 'last'],
      workers.map((one) => [
        one.id,
        one.state,
        String(one.inFlight),
        String(one.processed),
        String(one.failed),
        one.avgProcessingMs.toFixed(0),
        formatTime(one.lastProcessedAt),
      ]),
    ),
    '',
    ...(problems.length === 0
      ? [shell.paint('green', 'no problems')]
      : problems.map((text) => shell.paint('red', text))),
  ];
}
