import { ConfigError } from '@shopee-webhook/runtime';
import { ShopeeError } from '@shopee-webhook/shopee';
import { Command, CommanderError } from 'commander';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { addBackfill } from './commands/backfill.ts';
import { addConfig } from './commands/config.ts';
import { addDoctor } from './commands/doctor.ts';
import { addDlq } from './commands/dlq.ts';
import { addEvents } from './commands/events.ts';
import { addForget } from './commands/forget.ts';
import { addMigrate } from './commands/migrate.ts';
import { addOrders } from './commands/orders.ts';
import { addReconcile } from './commands/reconcile.ts';
import { addSheet } from './commands/sheet.ts';
import { addShops } from './commands/shops.ts';
import { addSign } from './commands/sign.ts';
import { addSimulate } from './commands/simulate.ts';
import { addStatement } from './commands/statement.ts';
import { addStatus } from './commands/status.ts';
import { CliError, exitCodes } from './errors/cli-error.ts';
import { printable, type Shell } from './output/shell.ts';

const help = `
Exit codes:
  0   success
  1   problem found, or operation failed
  2   usage error
  69  Redis, a service or Shopee is unreachable
  78  configuration missing or invalid

Reads the same environment as the services, and a .env file in the current folder. Without one, it connects to a
sandbox started by \`npm start\`.`;

const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')));

const commands = [
  addDoctor,
  addStatus,
  addEvents,
  addDlq,
  addOrders,
  addShops,
  addForget,
  addBackfill,
  addReconcile,
  addSheet,
  addStatement,
  addSimulate,
  addSign,
  addMigrate,
  addConfig,
];

/** Runs one command line, without the program's name, and returns the exit code. Operational errors are printed, not thrown. */
export async function runCli(args: readonly string[], shell: Shell): Promise<number> {
  const program = new Command('shopee-webhook')
    .description('Operate a shopee-webhook installation')
    .version(version, '--version', 'print the version')
    .option('--json', 'print JSON, one value per line')
    .addHelpText('after', help)
    .hook('preAction', () => {
      shell.json = program.opts()['json'] === true;
    });
  for (const add of commands) add(program, shell);
  for (const command of allCommands(program)) {
    command
      .configureHelp({ showGlobalOptions: true })
      .exitOverride()
      .configureOutput({
        writeOut: (text) => shell.out(text.trimEnd()),
        writeErr: (text) => shell.err(text.trimEnd()),
      });
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return shell.exitCode;
  } catch (error) {
    return exitCodeOf(error, shell);
  }
}

function allCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap((one) => allCommands(one))];
}

function exitCodeOf(error: unknown, shell: Shell): number {
  // Commander has printed it already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.success : exitCodes.usage;
  const [message, code] = explain(error);
  if (shell.json) shell.showJson({ error: message });
  else for (const line of message.split('\n')) shell.err(printable(line));
  return code;
}

function explain(error: unknown): [message: string, code: number] {
  if (error instanceof CliError) return [error.message, error.exitCode];
  if (error instanceof ConfigError) return [error.message, exitCodes.config];
  if (error instanceof ShopeeError) {
    return [error.message, error.kind === 'retry-later' ? exitCodes.unreachable : exitCodes.failure];
  }
  return [error instanceof Error ? error.message : String(error), exitCodes.failure];
}
