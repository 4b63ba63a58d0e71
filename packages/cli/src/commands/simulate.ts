import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { commaList, systemClock } from '@shopee-webhook/runtime';
import { signPush } from '@shopee-webhook/shopee';
import axios from 'axios';
import type { Command } from 'commander';
import { CliError, exitCodes } from '../errors/cli-error.ts';
import { parsePositive, parsePushCode } from '../input/options.ts';
import { sampleCodes, sampleFor } from '../input/samples.ts';
import type { Shell } from '../output/shell.ts';

/** The HTTP status, or `no response`. */
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

/** `simulate`: sends signed pushes to any URL, as Shopee would. */
export function addSimulate(program: Command, shell: Shell): void {
  program
    .command('simulate [url]')
    .description('send signed pushes to a URL (default: WEBHOOK_URL)')
    .option('--code <code>', `sample to send: ${sampleCodes().join(', ')}`, parsePushCode, 3)
    .option('--count <n>', 'number of pushes', parsePositive, 1)
    .option('--rate <n>', 'pushes per second', parsePositive, 10)
    .option('--file <file>', 'send this body, unchanged, instead of a sample')
    .option('--key <key>', 'sign with this key (default: the first of WEBHOOK_PARTNER_KEY, else PARTNER_KEY)')
    .option('--sign-as <url>', 'sign this URL instead of the called one, for calls behind the proxy')
    .action((url: string | undefined, options: Options) => simulate(url, options, shell));
}

async function simulate(target: string | undefined, options: Options, shell: Shell): Promise<void> {
  const { env } = shell;
  const url = target ?? env['WEBHOOK_URL'] ?? '';
  if (!URL.canParse(url)) throw new CliError('missing or invalid URL', exitCodes.usage);
  const key = options.key ?? commaList.parse(env['WEBHOOK_PARTNER_KEY'] ?? '')[0] ?? env['PARTNER_KEY'] ?? '';
  if (key === '') throw new CliError('no key: pass --key or set WEBHOOK_PARTNER_KEY', exitCodes.config);
  const bodyFor = await bodies(options);
  const sending: Promise<SendResult>[] = [];
  const began = systemClock.monotonicMs();
  for (let index = 0; index < options.count && !shell.signal.aborted; index += 1) {
    await sleep(Math.max(0, began + (index * 1000) / options.rate - systemClock.monotonicMs()));
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
  if (statuses['no response'] === sending.length) shell.exitCode = exitCodes.unreachable;
  shell.show(result, () => [
    `${result.sent} sent; responses: ${Object.entries(statuses)
      .map(([status, count]) => `${status} × ${count}`)
      .join(', ')}`,
    `p50 ${result.p50Ms} ms, p99 ${result.p99Ms} ms`,
  ]);
}

/** Each sample gets its own order number and timestamp, or it would be a duplicate. */
async function bodies({ file, code }: Options): Promise<(index: number) => string> {
  if (file !== undefined) {
    const text = await readFile(file, 'utf8');
    return () => text;
  }
  const sample = sampleFor(code);
  if (sample === undefined) {
    throw new CliError(
      `no sample for code ${String(code)}: pass --file, or one of ${sampleCodes().join(', ')}`,
      exitCodes.usage,
    );
  }
  return () => {
    const sn = `SIM${randomUUID().replaceAll('-', '').slice(0, 11).toUpperCase()}`;
    return sample
      .replaceAll(/"(ordersn|order_sn)":\s*"[^"]*"/g, `"$1":"${sn}"`)
      .replace(/"timestamp":\s*\d+/, `"timestamp":${String(Math.floor(systemClock.wallMs() / 1000))}`);
  };
}

async function post(url: string, body: string, authorization: string): Promise<SendResult> {
  const began = systemClock.monotonicMs();
  const status = await axios
    // Bytes: axios would trim a string, which would no longer match the signature.
    .post<string>(url, Buffer.from(body), {
      headers: { authorization, 'content-type': 'application/json' },
      timeout: 10_000,
      maxRedirects: 0,
      validateStatus: () => true,
      responseType: 'text',
    })
    .then(({ status }) => String(status))
    .catch(() => 'no response');
  return { status, ms: systemClock.monotonicMs() - began };
}
