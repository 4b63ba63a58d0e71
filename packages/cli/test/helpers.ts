import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../src/cli.ts';
import { Shell, type Environment } from '../src/output/shell.ts';

/** Runs one command line and returns its output. */
export async function run(args: string[], env: Environment = {}): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const shell = new Shell({ env, isTty: false, out: (line) => out.push(line), err: (line) => err.push(line) });
  const code = await runCli(args, shell);
  return { code, out: out.join('\n'), err: err.join('\n') };
}

/** The same with --json: the printed values. */
export async function runJson(args: string[], env: Environment = {}): Promise<{ code: number; values: unknown[] }> {
  const { code, out } = await run([...args, '--json'], env);
  return { code, values: out.split('\n').map((line): unknown => JSON.parse(line)) };
}

/** A folder that nothing else uses. */
export function freshDir(): string {
  return mkdtempSync(join(tmpdir(), 'shopee-webhook-cli-'));
}
