import type { HistoryClient } from '../history/history-client.ts';
import type { QueueReporter } from '../queue-report.ts';
import type { GaugeName } from './charts.ts';
import type { WorkerWatch } from './worker-watch.ts';

/** "60 per minute per user per project" (Sheets API, usage limits), for reads and for writes. */
const sheetsQuota = 60;

/** One round of the chore: notes in the history how long the queues are and how much of the quotas is used. */
export async function noteGauges(parts: {
  history: HistoryClient;
  reporter: QueueReporter;
  worker: WorkerWatch;
  now: number;
}): Promise<void> {
  const { queue, spool } = await parts.reporter.report();
  const { stats } = parts.worker.view;
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
  await parts.history.call('gauge', parts.now, Object.fromEntries(known));
}
