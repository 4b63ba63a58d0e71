import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { commaList } from '@shopee-webhook/runtime';
import { signPush } from '@shopee-webhook/shopee';
import axios from 'axios';
import type { Command } from 'commander';
import { CliError, exitCodes } from '../errors.ts';
import { parsePositive, parsePushCode } from '../input/options.ts';
import { sampleCodes, sampleFor } from '../input/samples.ts';
import type { Shell } from '../output/shell.ts';

/** The HTTP status, or `no answer`. */
interface SendResult {
  status: string;
  ms: number;
}

interface Options {
  code: number;
  count: number;
  rate: number;
  file?: string;
  key?: string;
  signAs?: string;
}

/** `simulate`: signed pushes to any URL, as Shopee would send them. */
export function addSimulate(program: Command, shell: Shell): void {
  program
    .command('simulate [url]')
    .description('send signed pushes to a URL (default: WEBHOOK_URL)')
    .option('--code <code>', `which sample: ${sampleCodes().join(', ')}`, parsePushCode, 3)
    .option('--count <n>', 'how many', parsePositive, 1)
    .option('--rate <n>', 'pushes a second', parsePositive, 10)
    .option('--file <file>', 'send this body, unchanged, instead of a sample')
    .option('--key <key>', 'sign with this key (default: the first of WEBHOOK_PARTNER_KEY, else PARTNER_KEY)')
    .option('--sign-as <url>', 'sign this URL instead of the one that is called, for a call behind the proxy')
    .action((url: string | undefined, options: Options) => simulate(url, options, shell));
}

async function simulate(target: string | undefined, options: Options, shell: Shell): Promise<void> {
  const { env } = shell;
  const url = target ?? env['WEBHOOK_URL'] ?? '';
  if (!URL.canParse(url)) throw new CliError('say where to: the URL is missing or none', exitCodes.usage);
  const key = options.key ?? commaList.parse(env['WEBHOOK_PARTNER_KEY'] ?? '')[0] ?? env['PARTNER_KEY'] ?? '';
  if (key === '') throw new CliError('no key: give --key or set WEBHOOK_PARTNER_KEY', exitCodes.config);
  const bodyFor = await bodies(options);
  const sending: Promise<SendResult>[] = [];
  const began = performance.now();
  for (let index = 0; index < options.count && !shell.signal.aborted; index += 1) {
    await sleep(Math.max(0, began + (index * 1000) / options.rate - performance.now()));
    const body = bodyFor(index);
    sending.push(post(url, body, signPush(key, options.signAs ?? url, body)));
  }
  const results = await Promise.all(sending);
  const statuses: Record<string, number> = {};
  for (const { status } of results) statuses[status] = (statuses[status] ?? 0) + 1;
  const sorted = results.map(({ ms }) => ms).toSorted((one, other) => one - other);
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  const result = { sent: sending.length, statuses, p50Ms: at(0.5), p99Ms: at(0.99) };
  if (Object.keys(statuses).some((status) => !status.startsWith('2'))) shell.exitCode = exitCodes.failure;
  if (statuses['no answer'] === sending.length) shell.exitCode = exitCodes.unreachable;
  shell.show(result, () => [
    `${result.sent} sent; answers: ${Object.entries(statuses)
      .map(([status, count]) => `${status} × ${count}`)
      .join(', ')}`,
    `p50 ${result.p50Ms} ms, p99 ${result.p99Ms} ms`,
  ]);
}

/** Samples get an order number and a time of their own each, or they would be duplicates. */
async function bodies({ file, code }: Options): Promise<(index: number) => string> {
  if (file !== undefined) {
    const text = await readFile(file, 'utf8');
    return () => text;
  }
  const sample = sampleFor(code);
  if (sample === undefined) {
    throw new CliError(
      `there is no sample of code ${String(code)}: give --file, or one of ${sampleCodes().join(', ')}`,
      exitCodes.usage,
    );
  }
  return () => {
    const sn = `SIM${randomUUID().replaceAll('-', '').slice(0, 11).toUpperCase()}`;
    return sample
      .replaceAll(/"(ordersn|order_sn)":\s*"[^"]*"/g, `"$1":"${sn}"`)
      .replace(/"timestamp":\s*\d+/, `"timestamp":${String(Math.floor(Date.now() / 1000))}`);
  };
}

async function post(url: string, body: string, authorization: string): Promise<SendResult> {
  const began = performance.now();
  const status = await axios
    // Bytes, for axios trims a text, which would no longer be what was signed.
    .post<string>(url, Buffer.from(body), {
      headers: { authorization, 'content-type': 'application/json' },
      timeout: 10_000,
      maxRedirects: 0,
      validateStatus: () => true,
      responseType: 'text',
    })
    .then(({ status }) => String(status))
    .catch(() => 'no answer');
  return { status, ms: performance.now() - began };
}
