import { existsSync } from 'node:fs';
import { loadEnvFile } from 'node:process';
import { configOrExit, expandEnv } from '@shopee-webhook/runtime';
import { runCli } from './cli.ts';
import { Shell } from './output/shell.ts';

// What is set already counts more than the file. Without one it is the sandbox that runs here, if one does.
const file = ['.env', 'data/sandbox/cli.env'].find((path) => existsSync(path));
if (file !== undefined) loadEnvFile(file);

const interrupt = new AbortController();
process.once('SIGINT', () => interrupt.abort());
// `… | head` closes the pipe: not a failure of ours.
process.stdout.on('error', () => process.exit(0));

const shell = new Shell({
  env: configOrExit(() => expandEnv(process.env)),
  isTty: process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '',
  out: (line) => console.log(line),
  err: (line) => console.error(line),
  signal: interrupt.signal,
});
process.exitCode = await runCli(process.argv.slice(2), shell);
