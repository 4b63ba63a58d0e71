import { eraseReferences, ErasureRequests } from '@shopee-webhook/store';
import type { Command } from 'commander';
import { callWorker, workerAddress } from '../clients/worker.ts';
import { parseOrderSn } from '../input/options.ts';
import { CliError, exitCodes } from '../errors/cli-error.ts';
import { withRedis, type RedisLink } from '../clients/redis.ts';
import type { Shell } from '../output/shell.ts';

interface Options {
  buyer?: string;
  yes?: boolean;
}

/** `forget`: erases a buyer's data wherever the product stores it. */
export function addForget(program: Command, shell: Shell): void {
  program
    .command('forget')
    .argument('[sn...]', 'order numbers', parseOrderSn)
    .description('erase a buyer’s data, by order numbers or user name; dry run without --yes')
    .option('--buyer <user name>', 'all orders of this buyer in the sheet')
    .option('--yes', 'confirm')
    .action((sns: string[] = [], options: Options) =>
      withRedis(shell.env, async (link) => {
        if (sns.length === 0 && options.buyer === undefined)
          throw new CliError('pass order numbers, or a user name with --buyer', exitCodes.usage);
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
  // Only the sheet knows which orders are a buyer's.
  const sns = buyer === null ? request.sns : (await callWorker(worker, 'erase', { ...request, dryRun: true })).sns;
  // First, so that no event in flight restores what is erased here.
  if (!dryRun) await new ErasureRequests(link).add(sns);
  const { rows } = await callWorker(worker, 'erase', { sns, buyer, dryRun });
  const erased = await eraseReferences(link, [...sns, ...(buyer === null ? [] : [buyer])], { dryRun });
  const did = dryRun ? 'would be' : 'were';
  shell.show({ done: !dryRun, sns, rows, ...erased }, () => [
    sns.length === 0 ? 'no orders found' : `orders: ${sns.join(', ')}`,
    `${String(rows)} rows of the sheet ${did} cleared of buyer data`,
    `${String(erased.deadLetters)} dead letters and ${String(erased.notifications)} notifications ${did} deleted`,
    dryRun ? 'Add --yes to confirm.' : 'Each forwarder erases its event history within 30 seconds.',
    'Messages already in Telegram, and backups, must be deleted manually.',
  ]);
}
