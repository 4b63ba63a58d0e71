import { setTimeout as sleep } from 'node:timers/promises';
import { Inspector, Settings } from '@shopee-webhook/store';
import type { Command } from 'commander';
import { exitCodes } from '../errors.ts';
import { pausedText, resumeAdvice } from '../pause.ts';
import { withRedis, type RedisLink } from '../redis-link.ts';
import { table, timeText, type Shell } from '../shell.ts';

/** `status`: queue, consumers and outbox; exit code 1 when something needs a person. */
export function addStatus(program: Command, shell: Shell): void {
  program
    .command('status')
    .description('queue, consumers and outbox at a glance')
    .option('--watch', 'again every two seconds, until Ctrl-C')
    .action(({ watch = false }: { watch?: boolean }) =>
      withRedis(shell.env, async (link) => {
        for (;;) {
          const status = await look(link);
          shell.exitCode = status.trouble.length > 0 ? exitCodes.trouble : exitCodes.fine;
          if (watch && shell.isTty && !shell.json) shell.out('\u001B[2J\u001B[H');
          shell.show(status, () => linesOf(status, shell));
          if (!watch || shell.signal.aborted) return;
          await sleep(2_000, undefined, { signal: shell.signal }).catch(() => undefined);
        }
      }),
    );
}

type Status = Awaited<ReturnType<typeof look>>;

async function look({ redis, keys }: RedisLink) {
  const inspector = new Inspector({ redis, keys: keys.webhooks });
  const outbox = new Inspector({ redis, keys: keys.notifications });
  const [stats, workers, { queue: alerts }, { CONSUMERS_PAUSED: pausedSince }] = await Promise.all([
    inspector.queueStats(),
    inspector.workerStats(),
    outbox.queueStats(),
    new Settings({ redis, keys }).live(),
  ]);
  const trouble = [
    ...(workers.some(({ state }) => state !== 'stopped') ? [] : ['no consumer is alive: is the worker running?']),
    ...(pausedSince === undefined ? [] : [`${pausedText(pausedSince)}: ${resumeAdvice}`]),
    ...(stats.queue.deadLetter > 0 ? [`${String(stats.queue.deadLetter)} dead letters: shopee-webhook dlq list`] : []),
    ...(stats.queue.oldestSeconds > 300 ? [`the next message waits for ${String(stats.queue.oldestSeconds)} s`] : []),
  ];
  return { ...stats, workers, alerts, trouble };
}

function linesOf({ queue, totals, alerts, workers, redis, trouble }: Status, shell: Shell): string[] {
  const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  return [
    `queue     ${queue.depth} waiting, ${queue.processing} in hand, ${queue.retrying} to be tried again, ${queue.deadLetter} dead letters; oldest ${queue.oldestSeconds} s`,
    `totals    ${totals.received} received, ${totals.processed} processed, ${totals.duplicates} duplicates, ${totals.retried} retried, ${totals.deadLettered} dead-lettered`,
    `alerts    ${alerts.depth} waiting, ${alerts.deadLetter} given up`,
    `redis     ${mib(redis.memoryUsedBytes)} of ${redis.memoryMaxBytes === 0 ? 'no limit' : mib(redis.memoryMaxBytes)}`,
    '',
    ...table(
      ['consumer', 'state', 'in hand', 'processed', 'failed', 'avg ms', 'last'],
      workers.map((one) => [
        one.id,
        one.state,
        String(one.holding),
        String(one.processed),
        String(one.failed),
        one.avgProcessingMs.toFixed(0),
        timeText(one.lastProcessedAt),
      ]),
    ),
    '',
    ...(trouble.length === 0 ? [shell.paint('green', 'all well')] : trouble.map((text) => shell.paint('red', text))),
  ];
}
