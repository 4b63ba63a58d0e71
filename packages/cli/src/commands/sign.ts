import { readFile } from 'node:fs/promises';
import { commaList } from '@shopee-webhook/runtime';
import { signPush } from '@shopee-webhook/shopee';
import type { Command } from 'commander';
import { CliError, exitCodes } from '../errors/cli-error.ts';
import { collectValue } from '../input/options.ts';
import type { Shell } from '../output/shell.ts';

interface Options {
  url?: string[];
  key?: string[];
  body: string;
  authorization?: string;
}

interface Candidate {
  url: string;
  key: string;
  body: string;
  digest: string;
  matches: boolean;
}

/** `sign`: computes a push's signature for every candidate, to find out why one does not match. */
export function addSign(program: Command, shell: Shell): void {
  program
    .command('sign')
    .description('print base string and signatures of a captured push, to debug a mismatch')
    .requiredOption('--body <file>', 'the captured body, byte for byte; - for standard input')
    .option('--url <url>', 'callback URL as typed in the console; repeatable (default: WEBHOOK_URL)', collectValue)
    .option('--key <key>', 'push key; repeatable (default: WEBHOOK_PARTNER_KEY and PARTNER_KEY)', collectValue)
    .option('--authorization <hex>', 'the Authorization header that came with it; exit code 1 if none matches')
    .action(async (options: Options) => {
      const urls = options.url ?? commaList.parse(shell.env['WEBHOOK_URL'] ?? '');
      const keys = keysOf(options, shell);
      if (urls.length === 0) throw new CliError('no --url is given, and WEBHOOK_URL is not set', exitCodes.usage);
      if (keys.length === 0)
        throw new CliError('no --key is given, and WEBHOOK_PARTNER_KEY is not set', exitCodes.usage);
      const body = await readFile(options.body === '-' ? '/dev/stdin' : options.body);
      const given = options.authorization?.trim().toLowerCase();
      const exact = candidates({ urls, keys, bodies: [['as captured', body]], given });
      const hint =
        given === undefined || exact.some(({ matches }) => matches) ? undefined : nearMiss({ urls, keys, body, given });
      if (given !== undefined && !exact.some(({ matches }) => matches)) shell.exitCode = exitCodes.failure;
      const baseStrings = urls.map((url) => `${url}|${body.toString('utf8')}`);
      shell.show({ baseStrings, candidates: exact, hint: hint ?? null }, () => [
        ...baseStrings.map((text) => `base string  ${text}`),
        ...exact.map((one) => `${mark(one, given, shell)}  ${one.digest}  ${one.key}, ${one.url}`),
        ...conclusion(exact, given, hint),
      ]);
    });
}

type Key = readonly [name: string, key: string];
type Body = readonly [how: string, body: Buffer];

/** Keys by name: the keys themselves are secret. */
function keysOf({ key }: Options, { env }: Shell): Key[] {
  if (key !== undefined) return key.map((text, index) => [`--key ${String(index + 1)}`, text]);
  const push = commaList.parse(env['WEBHOOK_PARTNER_KEY'] ?? '');
  const api = env['PARTNER_KEY']?.trim() ?? '';
  return [
    ...push.map((text, index): Key => [`WEBHOOK_PARTNER_KEY ${String(index + 1)}`, text]),
    ...(api === '' ? [] : [['PARTNER_KEY', api] as const]),
  ];
}

function candidates(parts: {
  urls: readonly string[];
  keys: readonly Key[];
  bodies: readonly Body[];
  given: string | undefined;
}): Candidate[] {
  return parts.urls.flatMap((url) =>
    parts.keys.flatMap(([key, secret]) =>
      parts.bodies.map(([body, bytes]) => {
        const digest = signPush(secret, url, bytes);
        return { url, key, body, digest, matches: digest === parts.given };
      }),
    ),
  );
}

/** Tries the usual mistakes; returns the first that explains the signature. */
function nearMiss(parts: { urls: string[]; keys: Key[]; body: Buffer; given: string }): string | undefined {
  const { urls, keys, body, given } = parts;
  const variants = [...new Set(urls.flatMap((url) => variantsOf(url)))];
  const text = body.toString('utf8');
  const bodies: Body[] = [
    ['as captured', body],
    ['without trailing whitespace', Buffer.from(text.trimEnd())],
    ['with a trailing newline', Buffer.from(`${text}\n`)],
    ...compacted(text),
  ];
  const found = candidates({ urls: variants, keys, bodies, given }).find(({ matches }) => matches);
  if (found === undefined) return undefined;
  const how = found.body === 'as captured' ? '' : ` and the body ${found.body}`;
  return `it matches with ${found.key}, the URL ${found.url}${how}`;
}

function variantsOf(url: string): string[] {
  const bare = url.replace(/(?<!\/)\/+$/, '');
  const schemes = [bare, bare.replace(/^http:/, 'https:'), bare.replace(/^https:/, 'http:')];
  const hosts = schemes.flatMap((one) => [
    one,
    one.replace('://www.', '://'),
    one.replace(/:\/\/(?!www\.)/, '://www.'),
  ]);
  return [url, ...hosts.flatMap((one) => [one, `${one}/`])];
}

function compacted(text: string): Body[] {
  try {
    return [['without whitespace', Buffer.from(JSON.stringify(JSON.parse(text)))]];
  } catch {
    // Not JSON: no such variant.
    return [];
  }
}

function mark({ matches }: Candidate, given: string | undefined, shell: Shell): string {
  if (given === undefined) return ' ';
  return matches ? shell.paint('green', 'matches ') : shell.paint('red', 'differs ');
}

function conclusion(all: Candidate[], given: string | undefined, hint: string | undefined): string[] {
  if (given === undefined || all.some(({ matches }) => matches)) return [];
  if (hint !== undefined) return [`None matches as given, but ${hint}.`];
  return [
    'None matches. Is the key the Live Push Partner Key of this app, the URL as typed in the console, the body unchanged?',
  ];
}
