import type { HistoryClient } from '@shopee-webhook/history';
import type { QueueStatsReader } from '../../monitoring/queue-stats.ts';
import type { GaugeName } from './charts.ts';
import type { WorkerMonitor } from '../workers/worker-monitor.ts';

/** "60 per minute per user per project" (Sheets API, usage limits), for reads and for writes. */
const sheetsQuota = 60;

/** One round of the chore: notes in the history how long the queues are and how much of the quotas is used. */
export async function sampleGauges(deps: {
  history: HistoryClient;
  queueStats: QueueStatsReader;
  worker: WorkerMonitor;
  now: number;
}): Promise<void> {
  const { queue, spool } = await deps.queueStats.read();
  const { stats } = deps.worker.view;
  const calls = stats?.calls;
  const values: Record<GaugeName, number | null | undefined> = {
    depth: queue.depth,
    retrying: queue.retrying,
    deadLetters: queue.deadLetter === null ? null : queue.deadLetter + spool.deadLetter,
    spool: spool.depth,
    sheetReads: calls && calls.sheetReads / sheetsQuota,
    sheetWrites: calls && calls.sheetWrites / sheetsQuota,
    shopeeCalls: calls?.shopee,
  };
  const known = Object.entries(values).flatMap(([name, value]) => (value == null ? [] : [[name, value] as const]));
  await deps.history.call('recordGauges', deps.now, Object.fromEntries(known));
}
