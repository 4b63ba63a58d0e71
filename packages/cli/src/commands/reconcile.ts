import type { Command } from 'commander';
import { ReconciliationStore, type ReconciliationReport } from '@shopee-webhook/store';
import { callWorker, workerAddress } from '../clients/worker.ts';
import { runRemoteJob } from '../clients/remote-job.ts';
import { exitCodes } from '../errors/cli-error.ts';
import { parsePositive } from '../input/options.ts';
import { usesRedis, withRedis } from '../clients/redis.ts';
import { table, type Shell } from '../output/shell.ts';

/** `reconcile`: the worker compares Shopee's orders with the sheet and queues missing ones. */
export function addReconcile(program: Command, shell: Shell): void {
  program
    .command('reconcile')
    .description('compare Shopee’s orders with the sheet, and queue missing or outdated ones')
    .option(
      '--days <n>',
      'number of past days, with a daily reconciliation each (default: since the last run)',
      parsePositive,
    )
    .option('--report', 'only print the stored daily reconciliations; exit code 1 if an order is missing')
    .action(({ days, report }: { days?: number; report?: boolean }) =>
      report === true ? printReconciliation(shell) : reconcile(days, shell),
    );
}

async function printReconciliation(shell: Shell): Promise<void> {
  const reports = await fetchReports(shell);
  if (reports.some(({ missing }) => missing.length > 0)) shell.exitCode = exitCodes.failure;
  shell.show(reports, () => reportLines(reports));
}

async function reconcile(days: number | undefined, shell: Shell): Promise<void> {
  const job = days === undefined ? { name: 'reconcile', options: {} } : { name: 'reconcile-week', options: { days } };
  const result = await runRemoteJob(job, shell);
  const { checked, missing, stale, repaired, failed } = result ?? {};
  if (typeof failed === 'object' && failed !== null && Object.keys(failed).length > 0) {
    shell.exitCode = exitCodes.failure;
  }
  shell.show(result, () => [
    `${String(checked)} compared: ${String(missing)} missing, ${String(stale)} outdated, ${String(repaired)} queued`,
    ...Object.entries(failed ?? {}).map(([shop, error]) => `shop ${shop} could not be checked: ${String(error)}`),
  ]);
}

async function fetchReports(shell: Shell): Promise<ReconciliationReport[]> {
  const reports = usesRedis(shell.env)
    ? await withRedis(shell.env, ({ redis, keys }) =>
        new ReconciliationStore({ redis, key: keys.reconciliations, dataDir: '' }).list(),
      )
    : (await callWorker(workerAddress(shell.env), 'reconciliations', {})).reconciliations;
  return reports.toSorted((one, other) => other.date.localeCompare(one.date) || one.shopId.localeCompare(other.shopId));
}

function reportLines(reports: ReconciliationReport[]): string[] {
  if (reports.length === 0) return ['no reconciliation yet: shopee-webhook reconcile --days 7'];
  return table(
    ['date', 'shop', 'at Shopee', 'in the sheet', 'missing'],
    reports.map((one) => [one.date, one.shopId, String(one.listed), String(one.inSheet), one.missing.join(' ')]),
  );
}
