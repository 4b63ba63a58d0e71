import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger, systemClock } from '@shopee-webhook/runtime';
import type { Delivery, Queue, Settlement } from '@shopee-webhook/store';
import type { ConsumerStats } from './consumer-stats.ts';
import type { WorkUnit } from './event-router.ts';
import type { HandlerResult } from '../orders/parsed-event.ts';

export interface ConsumerOptions {
  name: string;
  batchSize: number;
  /** Maximum messages in flight; taking waits while it is reached. */
  maxInFlight: number;
  queue: Pick<Queue, 'take' | 'settle' | 'requeue'>;
  /** Nothing is taken while it returns true. */
  isPaused?: () => boolean;
  /** Splits a batch into units that do not wait for each other: the orders of each shop, and the rest. */
  partition: (batch: Delivery[]) => WorkUnit[];
  buildSettlement: (delivery: Delivery, handling: HandlerResult) => Settlement;
  stats: ConsumerStats;
  /** Called with the size of each batch taken. */
  onTaken?: (count: number) => void;
  logger: Logger;
}

const blockMs = 5000;
const errorBackoffMs = 1000;
const pausePollMs = 250;
const failed = (error: unknown): HandlerResult => ({ kind: 'failed', error });

/**
 * Takes batches and settles them concurrently: while one waits for its flush the next is fetched. Resolves when `stop` has
 * fired and all in flight is settled; after `forceStop` nothing is settled any more, for the reaper to redeliver.
 */
export async function consume(options: ConsumerOptions, stop: AbortSignal, forceStop: AbortSignal): Promise<void> {
  const { name, queue, batchSize, maxInFlight, stats, logger, isPaused = () => false } = options;
  const inFlight = new Set<Promise<void>>();
  let errorSince: number | undefined;

  while (!stop.aborted) {
    if (stats.inFlight >= maxInFlight) await Promise.race(inFlight);
    else if (isPaused()) await sleep(pausePollMs, undefined, { signal: stop }).catch(() => undefined);
    else for (const work of options.partition(await takeOrBackOff())) start(work);
  }
  await Promise.all(inFlight);

  function start(work: WorkUnit): void {
    stats.onTaken(work.deliveries.length);
    const settled = settle(work).finally(() => inFlight.delete(settled));
    inFlight.add(settled);
  }

  /** An outage of Redis is logged when it begins and when it ends. */
  async function takeOrBackOff(): Promise<Delivery[]> {
    try {
      const batch = await queue.take(name, { max: batchSize, blockMs, signal: stop });
      if (errorSince !== undefined)
        logger.info(
          { consumer: name, ms: Math.round(systemClock.monotonicMs() - errorSince) },
          'taking messages recovered',
        );
      errorSince = undefined;
      if (batch.length > 0) options.onTaken?.(batch.length);
      if (batch.length === 0 || !isPaused()) return batch;
      // Paused while it was waiting.
      await queue.requeue(name, batch);
      return [];
    } catch (err) {
      if (!stop.aborted) onQueueError(err, 'taking messages failed');
      // Only `stop` rejects the pause, and the loop checks it next.
      await sleep(errorBackoffMs, undefined, { signal: stop }).catch(() => undefined);
      return [];
    }
  }

  /** Never rejects: one bad delivery must not stop the others. */
  async function settle(work: WorkUnit): Promise<void> {
    const startedAt = systemClock.monotonicMs();
    const results = await work.process().catch((error: unknown) => work.deliveries.map(() => failed(error)));
    const settlements = work.deliveries.map((one, at) =>
      options.buildSettlement(one, results[at] ?? failed('handler returned no result')),
    );
    const isSettled = forceStop.aborted ? undefined : await queue.settle(name, settlements).catch(onSettleError);
    stats.onSettled(settlements, isSettled, Math.round(systemClock.monotonicMs() - startedAt));
  }

  /** A failed settle is not a failed handler: the messages stay in the processing list and are redelivered. */
  function onSettleError(err: unknown): undefined {
    onQueueError(err, 'settle failed; messages will be redelivered');
  }

  function onQueueError(err: unknown, message: string): void {
    if (errorSince === undefined) logger.error({ err, consumer: name }, message);
    errorSince ??= systemClock.monotonicMs();
  }
}
