import type { Command } from 'commander';
import { configWarnings, configErrors } from '../config/config-check.ts';
import { exitCodes } from '../errors/cli-error.ts';
import type { Shell } from '../output/shell.ts';

/** `config check`: whether the services can start with this environment. */
export function addConfig(program: Command, shell: Shell): void {
  const config = program.command('config').description('check the configuration');
  config
    .command('check')
    .description('missing, invalid and suspicious variables; prints no values')
    .action(() => {
      const errors = configErrors(shell.env);
      const warnings = configWarnings(shell.env);
      if (errors.length > 0) shell.exitCode = exitCodes.config;
      shell.show({ errors, warnings }, () => [
        ...errors.map((text) => `${shell.paint('red', 'fail')}  ${text}`),
        ...warnings.map((text) => `${shell.paint('yellow', 'warn')}  ${text}`),
        ...(errors.length === 0 ? [`${shell.paint('green', 'ok')}    the services can start`] : []),
      ]);
    });
}
