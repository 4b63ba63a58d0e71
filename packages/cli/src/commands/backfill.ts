import type { Command } from 'commander';
import { z } from 'zod';
import { runRemoteJob } from '../clients/remote-job.ts';
import { exitCodes } from '../errors/cli-error.ts';
import { parseDate, parseShopId } from '../input/options.ts';
import type { Shell } from '../output/shell.ts';

interface Options {
  from: number;
  to?: number;
  shop?: string;
  dryRun?: boolean;
  restart?: boolean;
}

/** Shop → why it was skipped; older workers do not report it. */
const FailedShops = z.record(z.string(), z.string()).default({});

/** `backfill`: the worker imports past orders into the sheet. */
export function addBackfill(program: Command, shell: Shell): void {
  program
    .command('backfill')
    .description('import past orders; resumes an interrupted run')
    .requiredOption('--from <date>', 'first day, such as 2026-01-01 (UTC)', parseDate)
    .option('--to <date>', 'end, exclusive (default: now)', parseDate)
    .option('--shop <id>', 'only this shop (default: all connected shops)', parseShopId)
    .option('--dry-run', 'only count missing orders')
    .option('--restart', 'start over instead of resuming')
    .action(async (options: Options) => {
      const result = await runRemoteJob({ name: 'backfill', options: { ...options } }, shell);
      const { listed, written, failed, missing } = result ?? {};
      const failedShops = Object.entries(FailedShops.parse(result?.['failedShops']));
      if ((typeof failed === 'number' && failed > 0) || failedShops.length > 0) shell.exitCode = exitCodes.failure;
      shell.show(result, () => [
        options.dryRun === true
          ? `${String(listed)} orders at Shopee, ${String(missing)} missing from the sheet`
          : `${String(listed)} orders at Shopee, ${String(written)} written, ${String(failed)} failed`,
        ...failedShops.map(([shop, why]) => `shop ${shop} was skipped: ${why}; fix it and rerun with --shop ${shop}`),
      ]);
    });
}
