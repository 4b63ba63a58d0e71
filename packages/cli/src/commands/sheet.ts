import type { Command } from 'commander';
import { runRemoteJob } from '../clients/remote-job.ts';
import { exitCodes } from '../errors/cli-error.ts';
import type { Shell } from '../output/shell.ts';

/** `sheet merge`: the worker leaves one row of each order. */
export function addSheet(program: Command, shell: Shell): void {
  const sheet = program.command('sheet').description('the spreadsheet');
  sheet
    .command('merge')
    .description('leave one row of each order that stands in several, with the newest values; no row is deleted')
    .action(async () => {
      const result = (await runRemoteJob({ name: 'merge-duplicates', options: {} }, shell)) ?? {};
      const { merged, left } = result;
      if (left !== 0) shell.exitCode = exitCodes.failure;
      shell.show(result, () => [
        `${String(merged)} rows merged or repaired; ${String(left)} orders still stand in several rows`,
      ]);
    });
}
