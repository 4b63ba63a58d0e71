import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@shopee-webhook/runtime';
import type { Delivery, Queue, Settlement } from '@shopee-webhook/store';
import type { ConsumerStats } from './consumer-stats.ts';
import type { HandlerResult, WorkUnit } from './work-unit.ts';

export interface ConsumerOptions {
  name: string;
  batchSize: number;
  /** Messages taken and not yet settled; taking waits when it is reached. */
  maxInFlight: number;
  queue: Pick<Queue, 'dequeue' | 'settle' | 'requeue'>;
  /** While it answers true, nothing is taken. */
  isPaused?: () => boolean;
  /** Cuts a batch into pieces that do not wait for each other: a shop's orders, everything else. */
  partition: (batch: Delivery[]) => WorkUnit[];
  buildSettlement: (delivery: Delivery, handling: HandlerResult) => Settlement;
  stats: ConsumerStats;
  /** Hears how many were taken at once. */
  onDequeued?: (count: number) => void;
  logger: Logger;
}

const blockMs = 5000;
const errorBackoffMs = 1000;
const pausePollMs = 250;
const failed = (error: unknown): HandlerResult => ({ kind: 'failed', error });

/**
 * Takes batches and settles them, several at once: while one waits for its flush the next is fetched. Ends when `stop`
 * fires and all in hand is settled; after `abandon` nothing is settled any more, for the reaper to hand out again.
 */
export async function consume(options: ConsumerOptions, stop: AbortSignal, forceStop: AbortSignal): Promise<void> {
  const { name, queue, batchSize, maxInFlight, stats, logger, isPaused = () => false } = options;
  const inFlight = new Set<Promise<void>>();
  let errorSince: number | undefined;

  while (!stop.aborted) {
    if (stats.inFlight >= maxInFlight) await Promise.race(inFlight);
    else if (isPaused()) await sleep(pausePollMs, undefined, { signal: stop }).catch(() => undefined);
    else for (const work of options.partition(await dequeueOrBackOff())) start(work);
  }
  await Promise.all(inFlight);

  function start(work: WorkUnit): void {
    stats.onDequeued(work.deliveries.length);
    const settled = settle(work).finally(() => inFlight.delete(settled));
    inFlight.add(settled);
  }

  /** A Redis that is away is logged when it goes and when it comes back; nothing in between. */
  async function dequeueOrBackOff(): Promise<Delivery[]> {
    try {
      const batch = await queue.dequeue(name, { max: batchSize, blockMs, signal: stop });
      if (errorSince !== undefined) logger.info({ consumer: name, ms: Date.now() - errorSince }, 'takes again');
      errorSince = undefined;
      if (batch.length > 0) options.onDequeued?.(batch.length);
      if (batch.length === 0 || !isPaused()) return batch;
      // Paused while it waited.
      await queue.requeue(name, batch);
      return [];
    } catch (err) {
      if (!stop.aborted) onQueueError(err, 'cannot take');
      // Only `stop` rejects the pause, and the loop looks at it next.
      await sleep(errorBackoffMs, undefined, { signal: stop }).catch(() => undefined);
      return [];
    }
  }

  /** Never rejects: one bad delivery must not stop the others. */
  async function settle(work: WorkUnit): Promise<void> {
    const startedAt = Date.now();
    const results = await work.process().catch((error: unknown) => work.deliveries.map(() => failed(error)));
    const settlements = work.deliveries.map((one, at) =>
      options.buildSettlement(one, results[at] ?? failed('no word')),
    );
    const isSettled = forceStop.aborted ? undefined : await queue.settle(name, settlements).catch(onSettleError);
    stats.onSettled(settlements, isSettled, Date.now() - startedAt);
  }

  /** A failed record is not a failed handler: the messages stay with us, and the queue hands them out again. */
  function onSettleError(err: unknown): undefined {
    onQueueError(err, 'outcomes not recorded; will be redelivered');
  }

  function onQueueError(err: unknown, message: string): void {
    if (errorSince === undefined) logger.error({ err, consumer: name }, message);
    errorSince ??= Date.now();
  }
}
