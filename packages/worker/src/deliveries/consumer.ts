import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@shopee-webhook/runtime';
import type { Delivery, Queue, Settlement } from '@shopee-webhook/store';
import type { ConsumerRecord } from './consumer-record.ts';
import type { Handling, Work } from './work.ts';

export interface ConsumerOptions {
  name: string;
  batchSize: number;
  /** Messages taken and not yet settled; taking waits when it is reached. */
  maxInHand: number;
  queue: Pick<Queue, 'take' | 'settle' | 'giveBack'>;
  /** While it answers true, nothing is taken. */
  isPaused?: () => boolean;
  /** Cuts a batch into pieces that do not wait for each other: a shop's orders, everything else. */
  split: (batch: Delivery[]) => Work[];
  settlementOf: (delivery: Delivery, handling: Handling) => Settlement;
  record: ConsumerRecord;
  /** Hears how many were taken at once. */
  onTaken?: (count: number) => void;
  logger: Logger;
}

const blockMs = 5000;
const outagePauseMs = 1000;
const pausedLookMs = 250;
const failed = (error: unknown): Handling => ({ kind: 'failed', error });

/**
 * Takes batches and settles them, several at once: while one waits for its flush the next is fetched. Ends when `stop`
 * fires and all in hand is settled; after `abandon` nothing is settled any more, for the reaper to hand out again.
 */
export async function consume(options: ConsumerOptions, stop: AbortSignal, abandon: AbortSignal): Promise<void> {
  const { name, queue, batchSize, maxInHand, record, logger, isPaused = () => false } = options;
  const inHand = new Set<Promise<void>>();
  let outageSince: number | undefined;

  while (!stop.aborted) {
    if (record.inHand >= maxInHand) await Promise.race(inHand);
    else if (isPaused()) await sleep(pausedLookMs, undefined, { signal: stop }).catch(() => undefined);
    else for (const work of options.split(await takeOrWait())) hold(work);
  }
  await Promise.all(inHand);

  function hold(work: Work): void {
    record.took(work.deliveries.length);
    const settled = settle(work).finally(() => inHand.delete(settled));
    inHand.add(settled);
  }

  /** A Redis that is away is logged when it goes and when it comes back; nothing in between. */
  async function takeOrWait(): Promise<Delivery[]> {
    try {
      const batch = await queue.take(name, { max: batchSize, blockMs, signal: stop });
      if (outageSince !== undefined) logger.info({ consumer: name, ms: Date.now() - outageSince }, 'takes again');
      outageSince = undefined;
      if (batch.length > 0) options.onTaken?.(batch.length);
      if (batch.length === 0 || !isPaused()) return batch;
      // Paused while it waited.
      await queue.giveBack(name, batch);
      return [];
    } catch (err) {
      if (!stop.aborted) outage(err, 'cannot take');
      // Only `stop` rejects the pause, and the loop looks at it next.
      await sleep(outagePauseMs, undefined, { signal: stop }).catch(() => undefined);
      return [];
    }
  }

  /** Never rejects: one bad delivery must not stop the others. */
  async function settle(work: Work): Promise<void> {
    const startedAt = Date.now();
    const handlings = await work.handle().catch((error: unknown) => work.deliveries.map(() => failed(error)));
    const settlements = work.deliveries.map((one, at) => options.settlementOf(one, handlings[at] ?? failed('no word')));
    const recorded = abandon.aborted ? undefined : await queue.settle(name, settlements).catch(notRecorded);
    record.settled(settlements, recorded, Date.now() - startedAt);
  }

  /** A failed record is not a failed handler: the messages stay with us, and the queue hands them out again. */
  function notRecorded(err: unknown): undefined {
    outage(err, 'outcomes not recorded; will be redelivered');
  }

  function outage(err: unknown, message: string): void {
    if (outageSince === undefined) logger.error({ err, consumer: name }, message);
    outageSince ??= Date.now();
  }
}
