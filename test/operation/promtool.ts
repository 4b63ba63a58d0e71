import { spawnSync } from 'node:child_process';

/** Prometheus' own checker: Debian's package `prometheus` has it. */
export const hasPromtool = spawnSync('promtool', ['--version']).error === undefined;

if (!hasPromtool) {
  process.stderr.write(
    '\n*** promtool is not there: rules and metrics are NOT checked (apt-get install prometheus)\n\n',
  );
}

/** Runs promtool; what it says when it finds fault, '' when it does not. */
export function promtool(args: readonly string[], input = ''): string {
  const { status, stdout, stderr } = spawnSync('promtool', args, { input, encoding: 'utf8' });
  return status === 0 ? '' : `${stdout}${stderr}`;
}
