import { setTimeout as sleep } from 'node:timers/promises';
import { getEventType } from '@shopee-webhook/shopee';
import { ActivityLog, type StoredActivityEntry } from '@shopee-webhook/store';
import type { Command } from 'commander';
import { parsePositive, parseShopId } from '../input/options.ts';
import { withRedis } from '../clients/redis.ts';
import { formatTime, type Shell } from '../output/shell.ts';

interface Options {
  count: number;
  follow?: boolean;
  sn?: string;
  shop?: string;
  id?: string;
  step?: string;
}

/** `events`: the activity of each event, from the activity stream. */
export function addEvents(program: Command, shell: Shell): void {
  program
    .command('events')
    .description('list event activity, oldest first')
    .option('-n, --count <n>', 'number of entries', parsePositive, 100)
    .option('-f, --follow', 'follow (like tail -f)')
    .option('--sn <order number>', 'filter by order number')
    .option('--shop <id>', 'filter by shop', parseShopId)
    .option('--id <message id>', 'filter by message id')
    .option('--step <name>', 'filter by type, such as dead-lettered')
    .action((options: Options) =>
      withRedis(shell.env, async ({ redis, keys }) => {
        const log = new ActivityLog({ redis, keys });
        const show = (steps: StoredActivityEntry[]) => {
          for (const step of steps) if (matches(step, options)) shell.show(step, () => [formatEntry(step)]);
        };
        let after = await log.lastEntryId();
        const found = await newest(log, options);
        show(found);
        if (found.length === 0 && options.follow !== true) shell.err('no matching activity');
        while (options.follow === true && !shell.signal.aborted) {
          const steps = await log.read({ after });
          show(steps);
          after = steps.at(-1)?.entryId ?? after;
          if (steps.length === 0) await sleep(500, undefined, { signal: shell.signal }).catch(() => undefined);
        }
      }),
    );
}

const pageSize = 2_000;

/** The newest matching entries, oldest first, however far back they are. */
async function newest(log: ActivityLog, options: Options): Promise<StoredActivityEntry[]> {
  const found: StoredActivityEntry[] = [];
  let before: string | undefined;
  while (found.length < options.count) {
    const page = await log.listLatest(pageSize, before);
    found.push(...page.filter((step) => matches(step, options)));
    before = page.at(-1)?.entryId;
    if (before === undefined) break;
  }
  return found.slice(0, options.count).toReversed();
}

function matches(step: StoredActivityEntry, { sn, shop, id, step: name }: Options): boolean {
  return (
    (sn === undefined || step.sn === sn) &&
    (shop === undefined || step.shop === shop) &&
    (id === undefined || step.id === id) &&
    (name === undefined || step.step === name)
  );
}

function formatEntry({ at, id, step, code, shop, sn, ms, row, attempt, reason, error }: StoredActivityEntry): string {
  const parts = [
    formatTime(at),
    step.padEnd(13),
    id,
    code === undefined ? '' : `${String(code)} ${getEventType(code).title}`,
    shop === undefined ? '' : `shop ${shop}`,
    sn ?? '',
    row === undefined ? '' : `row ${String(row)}`,
    attempt === undefined ? '' : `attempt ${String(attempt)}`,
    ms === undefined ? '' : `${String(Math.round(ms))} ms`,
    reason ?? '',
    error ?? '',
  ];
  return parts.filter((part) => part !== '').join('  ');
}
