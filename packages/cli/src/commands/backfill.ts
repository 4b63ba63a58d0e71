import type { Command } from 'commander';
import { z } from 'zod';
import { runRemoteJob } from '../clients/remote-job.ts';
import { exitCodes } from '../errors.ts';
import { parseDate, parseShopId } from '../input/options.ts';
import type { Shell } from '../output/shell.ts';

interface Options {
  from: number;
  to?: number;
  shop?: string;
  dryRun?: boolean;
  restart?: boolean;
}

/** Shop → why it was given up; older workers do not tell. */
const Unread = z.record(z.string(), z.string()).default({});

/** `backfill`: the orders of a past time are brought into the sheet, by the worker. */
export function addBackfill(program: Command, shell: Shell): void {
  program
    .command('backfill')
    .description('bring the orders of a past time into the sheet; an interrupted one goes on where it was')
    .requiredOption('--from <date>', 'orders placed from here on, such as 2026-01-01 (UTC)', parseDate)
    .option('--to <date>', 'until here (default: now)', parseDate)
    .option('--shop <id>', 'of this shop (default: all that are connected)', parseShopId)
    .option('--dry-run', 'only count what is missing')
    .option('--restart', 'from the start, even if the same one was interrupted')
    .action(async (options: Options) => {
      const result = await runRemoteJob({ name: 'backfill', options: { ...options } }, shell);
      const { listed, written, failed, missing } = result ?? {};
      const unread = Object.entries(Unread.parse(result?.['unread']));
      if ((typeof failed === 'number' && failed > 0) || unread.length > 0) shell.exitCode = exitCodes.failure;
      shell.show(result, () => [
        options.dryRun === true
          ? `${String(listed)} orders at Shopee, ${String(missing)} of them not in the sheet`
          : `${String(listed)} orders at Shopee, ${String(written)} written, ${String(failed)} failed`,
        ...unread.map(([shop, why]) => `shop ${shop} was given up: ${why}; mend it and repeat with --shop ${shop}`),
      ]);
    });
}
