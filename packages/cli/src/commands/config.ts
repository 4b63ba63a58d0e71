import type { Command } from 'commander';
import { configWarnings, configErrors } from '../config/config-check.ts';
import { exitCodes } from '../errors.ts';
import type { Shell } from '../output/shell.ts';

/** `config check`: whether the services would start with this environment. */
export function addConfig(program: Command, shell: Shell): void {
  const config = program.command('config').description('the configuration');
  config
    .command('check')
    .description('what of the environment is missing, wrong or doubtful; prints no value')
    .action(() => {
      const faults = configErrors(shell.env);
      const doubts = configWarnings(shell.env);
      if (faults.length > 0) shell.exitCode = exitCodes.config;
      shell.show({ faults, doubts }, () => [
        ...faults.map((text) => `${shell.paint('red', 'fail')}  ${text}`),
        ...doubts.map((text) => `${shell.paint('yellow', 'warn')}  ${text}`),
        ...(faults.length === 0 ? [`${shell.paint('green', 'ok')}    the services can start`] : []),
      ]);
    });
}
