import { Chore, type Logger } from '@shopee-webhook/runtime';
import {
  consumerReports,
  createHeartbeat,
  createPromoter,
  createReaper,
  forgetConsumer,
  reportConsumers,
  type Chore as StoreChore,
  type ConsumerState,
  type Settlement,
} from '@shopee-webhook/store';
import type { WorkerConfig } from '../config.ts';
import { ConsumerRecord } from './consumer-record.ts';
import { consume } from './consumer.ts';
import type { RetryPolicy } from './outcome-of.ts';
import type { Pipeline } from './pipeline.ts';
import { settlementOf } from './settlement-of.ts';
import type { RedisParts } from '../redis-parts.ts';

export interface ConsumersOptions {
  config: WorkerConfig['consumers'] & { workerId: string };
  redis: RedisParts;
  pipeline: Pipeline;
  policy: RetryPolicy;
  /** Hears of each delivery that was settled. */
  onSettled: (settlement: Settlement) => void;
  /** Hears how many were taken at once. */
  onTaken: (count: number) => void;
  logger: Logger;
  /** While it answers true, nothing is taken. */
  isPaused: () => boolean;
}

const reportEveryMs = 5000;

/** This process' consumers, with the chores that any worker does for all of them: promoter, reaper, heartbeat, reports. */
export class Consumers {
  readonly records: readonly ConsumerRecord[];
  readonly #options: ConsumersOptions;
  readonly #stop = new AbortController();
  readonly #abandon = new AbortController();
  readonly #chores: readonly (Chore | StoreChore)[];
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: ConsumersOptions) {
    this.#options = options;
    const { config, logger, onSettled, isPaused } = options;
    const ids = Array.from({ length: config.count }, (_, at) => `${config.workerId}:${String(at + 1)}`);
    this.records = ids.map((id) => new ConsumerRecord({ id, logger, onSettled, isPaused }));
    this.#chores = this.#makeChores(ids);
  }

  start(): void {
    for (const chore of this.#chores) chore.start();
    const { config, redis, pipeline, policy, onTaken, logger, isPaused } = this.#options;
    const loops = this.records.map((record) =>
      consume(
        {
          name: record.id,
          batchSize: config.batchSize,
          maxInHand: Math.ceil(config.maxInHand / config.count),
          queue: redis.queue,
          split: (batch) => pipeline.split(batch),
          settlementOf: (delivery, handling) => settlementOf(delivery, handling, policy),
          record,
          onTaken,
          logger,
          isPaused,
        },
        this.#stop.signal,
        this.#abandon.signal,
      ),
    );
    this.#running = Promise.all(loops);
  }

  /** Takes no more; resolves when what is in hand is settled. */
  async drain(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** From now on nothing is settled: what is in hand stays in the processing lists. */
  abandon(): void {
    this.#stop.abort();
    this.#abandon.abort();
  }

  /** Ends the chores and the leases: what was left behind is another worker's at once. */
  async close(): Promise<void> {
    const { queue, link } = this.#options.redis;
    await Promise.all(this.#chores.map((chore) => chore.stop()));
    await Promise.all(
      this.records.map(async (record) => {
        record.stopped = true;
        await queue.clearHeartbeat(record.id);
        await forgetConsumer(link.redis, link.keys.webhooks, record.id);
      }),
    );
  }

  inHand(): number {
    return this.records.reduce((sum, { inHand }) => sum + inHand, 0);
  }

  /** Every consumer of every process; while Redis is away, ours. */
  async states(): Promise<ConsumerState[]> {
    const { link } = this.#options.redis;
    const own = this.records.map((record) => ({
      ...record.report(),
      heartbeatAgeMs: undefined,
      holding: record.inHand,
    }));
    if (link.awayMs() > 0) return own;
    const known = await consumerReports(link.redis, link.keys.webhooks);
    // Ours as they are now, not as they were last told.
    const fresh = new Map(own.map((state) => [state.id, state]));
    return known.map((state) => ({ ...state, ...fresh.get(state.id), heartbeatAgeMs: state.heartbeatAgeMs }));
  }

  #makeChores(ids: string[]): (Chore | StoreChore)[] {
    const { logger, redis } = this.#options;
    const { queue, link } = redis;
    const trouble = (chore: string) => ({
      onTrouble: (err: Error | undefined) => {
        if (err === undefined) logger.info({ chore }, 'chore works again');
        else logger.error({ err, chore }, 'chore fails');
      },
    });
    const report = async () => {
      const reports = this.records.map((record) => record.report());
      await reportConsumers(link.redis, link.keys.webhooks, reports);
      await this.#forgetDead();
    };
    return [
      createHeartbeat(queue, ids, trouble('heartbeat')),
      createPromoter(queue, trouble('promoter')),
      createReaper(queue, { ...trouble('reaper'), onReturned: (returned) => logger.warn(returned, 'given back') }),
      new Chore({ name: 'reports', everyMs: reportEveryMs, run: report, logger }),
    ];
  }

  /** A worker that died left its reports behind; with its last message gone there is nothing more to tell. */
  async #forgetDead(): Promise<void> {
    const { link } = this.#options.redis;
    const states = await consumerReports(link.redis, link.keys.webhooks);
    const dead = states.filter(({ heartbeatAgeMs, holding }) => heartbeatAgeMs === undefined && holding === 0);
    for (const { id } of dead) await forgetConsumer(link.redis, link.keys.webhooks, id);
  }
}
