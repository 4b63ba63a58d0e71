import type { Command } from 'commander';
import { runChecks } from '../doctor/run-checks.ts';
import type { Finding } from '../doctor/finding.ts';
import { exitCodes } from '../errors/cli-error.ts';
import type { Shell } from '../output/shell.ts';

const levelColors = { ok: 'green', warn: 'yellow', fail: 'red', skip: 'dim' } as const;

/** `doctor`: checks an installation, in setup order, and prints what to do. */
export function addDoctor(program: Command, shell: Shell): void {
  program
    .command('doctor')
    .description('what is missing or wrong, and what to do about it; exit code 1 if something fails')
    .action(() =>
      runChecks(shell.env, (finding) => {
        if (finding.level === 'fail') shell.exitCode = exitCodes.failure;
        shell.show(finding, () => linesOf(finding, shell));
      }),
    );
}

function linesOf({ area, level, text, action, link }: Finding, shell: Shell): string[] {
  const line = `${shell.paint(levelColors[level], level.padEnd(4))}  ${area.padEnd(11)}  ${text}`;
  const hint = [action, link].filter((part) => part !== undefined).join(' · ');
  return hint === '' ? [line] : [line, `${' '.repeat(19)}→ ${hint}`];
}
