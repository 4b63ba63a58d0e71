import { ActivityLog, buildKeys, type StoredActivityEntry } from '@shopee-webhook/store';
import { Redis } from 'ioredis';
import type { Stack } from '../stack/stack.ts';

const maxTraced = 5;

/** The activity of the first few of these, each given as an order number or as `code order`: one line per event. */
export async function traceEvents(stack: Stack, keys: readonly string[]): Promise<string[]> {
  if (keys.length === 0) return [];
  const redis = new Redis({ host: '127.0.0.1', port: stack.redisPort });
  try {
    const entries = await new ActivityLog({ redis, keys: buildKeys('shopee') }).listLatest(100_000);
    return keys.slice(0, maxTraced).flatMap((key) => ['', `  ${key}`, ...formatEvents(entries.toReversed(), key)]);
  } finally {
    redis.disconnect();
  }
}

function formatEvents(entries: readonly StoredActivityEntry[], key: string): string[] {
  const [first = '', second] = key.split(' ');
  const [code, sn] = second === undefined ? [undefined, first.replace(/:.*/, '')] : [Number(first), second];
  const ids = new Set(
    entries.filter((step) => step.sn === sn && (code ?? step.code) === step.code).map(({ id }) => id),
  );
  return [...ids].map(
    (id) =>
      `    ${id} ${entries
        .filter((step) => step.id === id)
        .map(formatEntry)
        .join(', ')}`,
  );
}

function formatEntry({ entryId, step, code, reason }: StoredActivityEntry): string {
  const at = new Date(Number(entryId.split('-', 1)[0])).toISOString().slice(11, 23);
  return `${at} ${step}${code === undefined ? '' : ` (${code})`}${reason === undefined ? '' : ` ${reason}`}`;
}
