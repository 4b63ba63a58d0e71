import type { Command } from 'commander';
import { z } from 'zod';
import { ask, workerOf } from '../ask.ts';
import { runAskedJob } from '../asked-job.ts';
import { exitCodes } from '../errors.ts';
import { positive } from '../options.ts';
import { usesRedis, withRedis } from '../redis-link.ts';
import { table, type Shell } from '../shell.ts';

const Account = z.object({
  shopId: z.string(),
  date: z.string(),
  listed: z.number(),
  inSheet: z.number(),
  missing: z.array(z.string()),
});

type Account = z.infer<typeof Account>;

/** `reconcile`: Shopee's list of orders is compared with the sheet, by the worker, and what is missing is queued. */
export function addReconcile(program: Command, shell: Shell): void {
  program
    .command('reconcile')
    .description('compare Shopee’s orders with the sheet, and queue what is missing or old')
    .option('--days <n>', 'so many days back, with an account of each (default: since the last run)', positive)
    .option('--report', 'only print the accounts that were taken so far; exit code 1 if an order is missing')
    .action(({ days, report }: { days?: number; report?: boolean }) =>
      report === true ? tellAccounts(shell) : reconcile(days, shell),
    );
}

async function tellAccounts(shell: Shell): Promise<void> {
  const accounts = await accountsOf(shell);
  if (accounts.some(({ missing }) => missing.length > 0)) shell.exitCode = exitCodes.trouble;
  shell.show(accounts, () => reportLines(accounts));
}

async function reconcile(days: number | undefined, shell: Shell): Promise<void> {
  const job = days === undefined ? { name: 'reconcile', options: {} } : { name: 'reconcile-week', options: { days } };
  const result = await runAskedJob(job, shell);
  const { checked, missing, stale, repaired, failed } = result ?? {};
  if (typeof failed === 'object' && failed !== null && Object.keys(failed).length > 0) {
    shell.exitCode = exitCodes.trouble;
  }
  shell.show(result, () => [
    `${String(checked)} compared: ${String(missing)} missing, ${String(stale)} old, ${String(repaired)} queued`,
    ...Object.entries(failed ?? {}).map(([shop, error]) => `shop ${shop} could not be checked: ${String(error)}`),
  ]);
}

async function accountsOf(shell: Shell): Promise<Account[]> {
  const accounts = usesRedis(shell.env)
    ? await withRedis(shell.env, async ({ redis, keys }) =>
        Object.values(await redis.hgetall(keys.accounts)).map((text) => Account.parse(JSON.parse(text))),
      )
    : (await ask(workerOf(shell.env), 'accounts', {})).accounts;
  return accounts.toSorted(
    (one, other) => other.date.localeCompare(one.date) || one.shopId.localeCompare(other.shopId),
  );
}

function reportLines(accounts: Account[]): string[] {
  if (accounts.length === 0) return ['no account was taken yet: shopee-webhook reconcile --days 7'];
  return table(
    ['date', 'shop', 'at Shopee', 'in the sheet', 'missing'],
    accounts.map((one) => [one.date, one.shopId, String(one.listed), String(one.inSheet), one.missing.join(' ')]),
  );
}
