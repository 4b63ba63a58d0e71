import { ActivityLog, keysOf, type ActivityEntry } from '@shopee-webhook/store';
import { Redis } from 'ioredis';
import type { Stack } from '../stack.ts';

const most = 5;

/** What the activity says of the first few of these, each given as an order number or as `code order`: one line for each event. */
export async function traceOf(stack: Stack, keys: readonly string[]): Promise<string[]> {
  if (keys.length === 0) return [];
  const redis = new Redis({ host: '127.0.0.1', port: stack.redisPort });
  try {
    const steps = await new ActivityLog({ redis, keys: keysOf('shopee') }).latest(100_000);
    return keys.slice(0, most).flatMap((key) => ['', `  ${key}`, ...linesOf(steps.toReversed(), key)]);
  } finally {
    redis.disconnect();
  }
}

function linesOf(steps: readonly ActivityEntry[], key: string): string[] {
  const [first = '', second] = key.split(' ');
  const [code, sn] = second === undefined ? [undefined, first.replace(/:.*/, '')] : [Number(first), second];
  const ids = new Set(steps.filter((step) => step.sn === sn && (code ?? step.code) === step.code).map(({ id }) => id));
  return [...ids].map(
    (id) =>
      `    ${id} ${steps
        .filter((step) => step.id === id)
        .map(wordsOf)
        .join(', ')}`,
  );
}

function wordsOf({ entryId, step, code, reason }: ActivityEntry): string {
  const at = new Date(Number(entryId.split('-', 1)[0])).toISOString().slice(11, 23);
  return `${at} ${step}${code === undefined ? '' : ` (${code})`}${reason === undefined ? '' : ` ${reason}`}`;
}
