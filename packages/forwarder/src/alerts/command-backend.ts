import { type HealthChecks, systemClock } from '@shopee-webhook/runtime';
import { getEventType, formatMoney, midnightIn } from '@shopee-webhook/shopee';
import type { QueueInspector } from '@shopee-webhook/store';
import type { HistoryClient } from '@shopee-webhook/history';
import type { QueueStatsReader } from '../monitoring/queue-stats.ts';
import type { QueueStats } from '@shopee-webhook/contracts';
import { type CommandBackend, formatClock, formatTime } from '@shopee-webhook/notifier';
import { formatMegabytes } from './format-megabytes.ts';

export interface CommandBackendDeps {
  queueStats: QueueStatsReader;
  /** Undefined: REDIS_ENABLED=false. */
  inspector: QueueInspector | undefined;
  history: HistoryClient;
  health: HealthChecks;
  now?: () => number;
}

const maxEvents = 15;
/** So wide that any span falls into one. */
const oneBucket = 1e9;

/** The data behind the bot's commands: the same that the dashboard shows. */
export function createCommandBackend(deps: CommandBackendDeps): CommandBackend {
  const { queueStats, inspector, history, health, now = systemClock.wallMs } = deps;
  return {
    async status() {
      const unhealthy = Object.entries(health.report().checks).filter(([, { status }]) => status !== 'ok');
      return [
        ...statusLines(await queueStats.read()),
        ...unhealthy.map(([name, check]) => `${name}: ${check.detail ?? ''}`),
      ];
    },
    order: (sn, zone) => orderLines(history, sn, zone),
    today: (zone) => todayLines(history, zone, now()),
    async deadLetters(count) {
      const found = await inspector?.listDeadLetters({ count });
      return found ?? { total: 0, deadLetters: [] };
    },
    async replay(id) {
      const choice = id === 'all' ? { filter: {} } : { ids: [id] };
      return (await inspector?.replayDeadLetters(choice))?.replayed ?? 0;
    },
  };
}

function statusLines({ redis, queue, spool }: QueueStats): string[] {
  const used = redis.memoryUsedBytes === null ? '' : `, ${formatMegabytes(redis.memoryUsedBytes)} used`;
  const connected = redis.enabled
    ? redis.connected
      ? `connected${used}`
      : 'unavailable: events spooled to disk'
    : 'not used';
  const queued =
    queue.depth === null
      ? 'unknown'
      : `${queue.depth} queued, ${queue.retrying ?? 0} retrying, ${queue.processing ?? 0} in flight`;
  return [
    `Redis: ${connected}`,
    `Queue: ${queued}; oldest ${queue.oldestSeconds ?? 0} s`,
    `Dead letters: ${(queue.deadLetter ?? 0) + spool.deadLetter}`,
    `On disk: ${spool.depth}`,
  ];
}

async function orderLines(history: HistoryClient, sn: string, zone: string): Promise<string[] | undefined> {
  const events = (await history.call('events', { search: sn }, { limit: maxEvents })).filter(
    (event) => event.sn === sn,
  );
  if (events.length === 0) return undefined;
  return events.toReversed().map(({ at, code, state, row, reason }) => {
    const title = code === null ? 'event' : getEventType(code).title;
    const place = row === null ? '' : `, row ${row}`;
    return `${formatTime(Math.floor(at / 1000), zone)} ${title}: ${state}${place}${reason === null ? '' : ` (${reason})`}`;
  });
}

async function todayLines(history: HistoryClient, zone: string, now: number): Promise<string[]> {
  const from = midnightIn(zone, now);
  const [minutes, regions] = await Promise.all([
    history.call('minutes', { from, to: now, bucketMinutes: oneBucket }),
    history.call('regions', from),
  ]);
  const sum = (name: 'received' | 'duplicates' | 'handled' | 'failed' | 'dead') =>
    minutes.reduce((total, minute) => total + minute[name], 0);
  const sales = await Promise.all(regions.map((region) => history.call('sales', region, from)));
  return [
    `Since ${formatClock(from, zone)}: ${sum('received')} pushes (${sum('duplicates')} repeats), ${sum('handled')} handled, ` +
      `${sum('failed')} failed attempts, ${sum('dead')} dead letters`,
    ...sales
      .flat()
      .map(
        ({ currency, orders, cancelled, gross }) =>
          `${orders} orders, ${cancelled} cancelled: ${formatMoney(gross, currency)}`,
      ),
  ];
}
