import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { getEventType, orderSnOf, parsePush } from '@shopee-webhook/shopee';
import {
  QueueInspector,
  type DeadLetter,
  type DeadLetterSelection,
  type DeadLetterFilter,
} from '@shopee-webhook/store';
import type { Command } from 'commander';
import { CliError, exitCodes } from '../errors/cli-error.ts';
import { parsePositive, parsePushCode, parseShopId } from '../input/options.ts';
import { withRedis } from '../clients/redis.ts';
import { table, formatTime, type Shell } from '../output/shell.ts';

interface FilterOptions {
  reason?: string;
  code?: number;
  shop?: string;
}

/** `dlq …`: lists, requeues and discards dead letters. */
export function addDlq(program: Command, shell: Shell): void {
  const dlq = program.command('dlq').description('dead letters: messages that failed permanently');
  filtered(dlq.command('list').description('groups by reason, then dead letters, newest first'))
    .option('-n, --count <n>', 'maximum number', parsePositive, 20)
    .action((options: FilterOptions & { count: number }) =>
      inspect(shell, (inspector) => list(inspector, options, shell)),
    );
  dlq
    .command('show <id>')
    .description('one dead letter with its payload (may contain buyer data)')
    .action((id: string) => inspect(shell, (inspector) => showOne(inspector, id, shell)));
  filtered(dlq.command('replay [ids...]').description('requeue dead letters'))
    .option('--all', 'all matching the filter')
    .action((ids: string[], options: FilterOptions & { all?: boolean }) =>
      inspect(shell, async (inspector) => {
        const result = await inspector.replayDeadLetters(toSelection(ids, options));
        if (result.missing > 0 || result.rejected > 0) shell.exitCode = exitCodes.failure;
        shell.show(result, () => [
          `${result.replayed} requeued, ${result.rejected} malformed, ${result.missing} not found`,
        ]);
      }),
    );
  filtered(dlq.command('discard [ids...]').description('permanently discard dead letters'))
    .option('--all', 'all matching the filter')
    .option('--yes', 'confirm')
    .action((ids: string[], options: FilterOptions & { all?: boolean; yes?: boolean }) =>
      inspect(shell, async (inspector) => {
        const choice = toSelection(ids, options);
        if (options.yes !== true) throw new CliError('this cannot be undone: add --yes to confirm', exitCodes.usage);
        const result = await inspector.discardDeadLetters(choice);
        if (result.missing > 0) shell.exitCode = exitCodes.failure;
        shell.show(result, () => [`${result.discarded} discarded, ${result.missing} not found`]);
      }),
    );
  filtered(dlq.command('export').description('dead letters as JSON lines, with their payloads'))
    .option('-o, --output <file>', 'write to a file instead of standard output; mode 0600')
    .action((options: FilterOptions & { output?: string }) =>
      inspect(shell, (inspector) => exportAll(inspector, options, shell)),
    );
}

function filtered(command: Command): Command {
  return command
    .option('--reason <reason>', 'with this reason')
    .option('--code <code>', 'with this push code', parsePushCode)
    .option('--shop <id>', 'from this shop', parseShopId);
}

async function inspect(shell: Shell, use: (inspector: QueueInspector) => Promise<void>): Promise<void> {
  await withRedis(shell.env, ({ redis, keys }) =>
    use(new QueueInspector({ redis, keys: keys.webhooks, activityKey: keys.activity })),
  );
}

async function list(
  inspector: QueueInspector,
  options: FilterOptions & { count: number },
  shell: Shell,
): Promise<void> {
  const filter = toFilter(options);
  const [groups, { total, deadLetters }] = await Promise.all([
    inspector.listDeadLetterGroups(filter),
    inspector.listDeadLetters({ count: options.count, filter }),
  ]);
  shell.show({ total, groups, letters: deadLetters.map((letter) => withoutPayload(letter)) }, () => [
    ...groups.map(({ count, reason, error }) => `${String(count).padStart(6)}  ${reason}: ${error}`),
    ...(total === 0 ? ['no dead letters'] : ['']),
    ...(total === 0
      ? []
      : table(
          ['id', 'dead-lettered', 'event', 'shop', 'order', 'attempts', 'reason'],
          deadLetters.map((one) => [
            one.id,
            formatTime(one.deadLetteredAt),
            one.code === undefined ? '-' : `${String(one.code)} ${getEventType(one.code).title}`,
            one.shopId ?? '-',
            orderOf(one) ?? '-',
            String(one.attempts),
            one.reason,
          ]),
        )),
    ...(total > deadLetters.length ? [`… and ${total - deadLetters.length} more`] : []),
  ]);
}

async function showOne(inspector: QueueInspector, id: string, shell: Shell): Promise<void> {
  const letter = await inspector.deadLetter(id);
  if (letter === undefined) throw new CliError(`dead letter ${id} not found`, exitCodes.failure);
  shell.show(withPayload(letter), () => [
    `id         ${letter.id}`,
    `reason     ${letter.reason}`,
    `error      ${letter.error}`,
    `attempts   ${letter.attempts}`,
    `first      ${formatTime(letter.firstFailedAt)}`,
    `dead at    ${formatTime(letter.deadLetteredAt)}`,
    `payload    ${letter.payloadText ?? JSON.stringify(letter.malformed)}`,
  ]);
}

async function exportAll(
  inspector: QueueInspector,
  options: FilterOptions & { output?: string },
  shell: Shell,
): Promise<void> {
  const letters = inspector.iterateDeadLetters(toFilter(options));
  if (options.output === undefined) {
    for await (const letter of letters) shell.showJson(withPayload(letter));
    return;
  }
  let count = 0;
  const lines = async function* lines() {
    for await (const letter of letters) {
      count += 1;
      yield `${JSON.stringify(withPayload(letter))}\n`;
    }
  };
  await pipeline(Readable.from(lines()), createWriteStream(options.output, { mode: 0o600 }));
  shell.show({ exported: count, file: options.output }, () => [`${count} written to ${String(options.output)}`]);
}

function toFilter({ reason, code, shop }: FilterOptions): DeadLetterFilter {
  return { reason, code, shopId: shop };
}

/** By id, or all of a filter with --all: never all by accident. */
function toSelection(ids: string[], options: FilterOptions & { all?: boolean }): DeadLetterSelection {
  const filter = toFilter(options);
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  if (ids.length > 0 && (options.all === true || isFiltered)) {
    throw new CliError('pass ids, or a filter with --all, not both', exitCodes.usage);
  }
  if (ids.length > 0) return { ids };
  if (options.all !== true) throw new CliError('pass ids, or --all for all matching the filter', exitCodes.usage);
  return { filter };
}

function withoutPayload(letter: DeadLetter) {
  const { id, reason, error, attempts, firstFailedAt, deadLetteredAt, code, shopId: shop } = letter;
  return { id, reason, error, attempts, firstFailedAt, deadLetteredAt, code, shopId: shop, sn: orderOf(letter) };
}

/** The order number of its push; undefined when there is none. */
function orderOf({ payloadText }: DeadLetter): string | undefined {
  try {
    return payloadText === undefined ? undefined : orderSnOf(parsePush(payloadText));
  } catch {
    return undefined; // Its reason already says that it is malformed.
  }
}

function withPayload(letter: DeadLetter) {
  const { payloadText, malformed, metadata, history } = letter;
  return { ...withoutPayload(letter), metadata, history, payloadText, garbage: malformed };
}
