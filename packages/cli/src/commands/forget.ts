import { eraseReferences, ErasureRequests } from '@shopee-webhook/store';
import type { Command } from 'commander';
import { callWorker, workerAddress } from '../clients/worker.ts';
import { CliError, exitCodes } from '../errors.ts';
import { withRedis, type RedisLink } from '../clients/redis.ts';
import type { Shell } from '../output/shell.ts';

interface Options {
  buyer?: string;
  yes?: boolean;
}

/** `forget`: a buyer's data is erased wherever the product keeps it. */
export function addForget(program: Command, shell: Shell): void {
  program
    .command('forget [sn...]')
    .description('erase a buyer’s data, by order numbers or user name; without --yes only tells what there is')
    .option('--buyer <user name>', 'all orders of this buyer that the sheet knows')
    .option('--yes', 'do it')
    .action((sns: string[], options: Options) =>
      withRedis(shell.env, async (link) => {
        if (sns.length === 0 && options.buyer === undefined)
          throw new CliError('name order numbers, or a user name with --buyer', exitCodes.usage);
        await forget({ sns, buyer: options.buyer ?? null, dryRun: options.yes !== true }, link, shell);
      }),
    );
}

interface ForgetRequest {
  sns: string[];
  buyer: string | null;
  dryRun: boolean;
}

async function forget(request: ForgetRequest, link: RedisLink, shell: Shell): Promise<void> {
  const { buyer, dryRun } = request;
  const worker = workerAddress(shell.env);
  // Which orders are a buyer's only the sheet knows.
  const sns = buyer === null ? request.sns : (await callWorker(worker, 'erase', { ...request, dryRun: true })).sns;
  // First of all, so that no event on its way brings back what is erased here.
  if (!dryRun) await new ErasureRequests(link).add(sns);
  const { rows } = await callWorker(worker, 'erase', { sns, buyer, dryRun });
  const erased = await eraseReferences(link, [...sns, ...(buyer === null ? [] : [buyer])], { dryRun });
  const did = dryRun ? 'would be' : 'were';
  shell.show({ done: !dryRun, sns, rows, ...erased }, () => [
    sns.length === 0 ? 'no order is known' : `orders: ${sns.join(', ')}`,
    `${String(rows)} rows of the sheet ${did} emptied of the buyer’s data`,
    `${String(erased.deadLetters)} dead letters and ${String(erased.notifications)} alerts ${did} thrown away`,
    dryRun ? 'Add --yes to do it.' : 'Each forwarder erases its event log and history within half a minute.',
    'Messages that Telegram has already, and backups, are yours to delete.',
  ]);
  if (dryRun) shell.exitCode = exitCodes.usage;
}
