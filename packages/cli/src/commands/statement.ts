import { writeFile } from 'node:fs/promises';
import { InvalidArgumentError, type Command } from 'commander';
import { systemClock } from '@shopee-webhook/runtime';
import { callWorker, workerAddress } from '../clients/worker.ts';
import { usesRedis, withRedis } from '../clients/redis.ts';
import { onlyShop } from '../clients/shops.ts';
import { CliError, exitCodes } from '../errors/cli-error.ts';
import { parseShopId } from '../input/options.ts';
import { table, type Shell } from '../output/shell.ts';

/** `statement`: what a shop earned with the orders that were paid out in a month, as a workbook. */
export function addStatement(program: Command, shell: Shell): void {
  program
    .command('statement')
    .description('write a month’s statement of a shop as an Excel workbook')
    .option('--shop <id>', 'the shop; optional when only one is connected', parseShopId)
    .option('--month <month>', 'such as 2026-11 (default: last month)', parseMonth)
    .option('--out <file>', 'where to write it (default: statement-<shop>-<month>.xlsx)')
    .action(async ({ shop, month = lastMonth(), out }: { shop?: string; month?: string; out?: string }) => {
      const owner = shop ?? (await findOnlyShop(shell));
      const result = await callWorker(workerAddress(shell.env), 'statement', { shop: owner, month, file: true });
      const { fileName, statements, base64 } = result;
      if (base64 === null) {
        throw new CliError(
          `nothing was paid out to shop ${owner} in ${month}, and its wallet did not move`,
          exitCodes.failure,
        );
      }
      const path = out ?? fileName;
      await writeFile(path, Buffer.from(base64, 'base64'));
      shell.show({ file: path, statements }, () => [
        ...statements.flatMap(({ currency, lines }) =>
          table(
            [`${month}, shop ${owner}`, currency],
            lines
              .filter(({ kind }) => kind !== 'section')
              .map(({ label, amount }) => [label, amount === null ? '–' : String(amount)]),
          ),
        ),
        `written to ${path}`,
      ]);
    });
}

async function findOnlyShop({ env }: Shell): Promise<string> {
  return usesRedis(env) ? withRedis(env, (link) => onlyShop(env, link)) : onlyShop(env, undefined);
}

function parseMonth(text: string): string {
  if (!/^\d{4}-(?:0[1-9]|1[0-2])$/.test(text)) throw new InvalidArgumentError('must be a month such as 2026-11');
  return text;
}

function lastMonth(): string {
  const today = new Date(systemClock.wallMs());
  return new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - 1, 1)).toISOString().slice(0, 7);
}
