import { PeriodicTask, systemClock, type Logger } from '@shopee-webhook/runtime';
import {
  listConsumers,
  createHeartbeat,
  createPromoter,
  createReaper,
  removeConsumer,
  saveConsumerReports,
  type Queue,
  type ConsumerState,
  type Settlement,
} from '@shopee-webhook/store';
import type { WorkerConfig } from '../config.ts';
import { ConsumerStats } from './consumer-stats.ts';
import { consume } from './consumer.ts';
import type { RetryPolicy } from './retry-policy.ts';
import type { EventRouter } from './event-router.ts';
import { buildSettlement } from './build-settlement.ts';
import type { RedisMonitor } from '../monitoring/redis-monitor.ts';

export interface ConsumersDeps {
  config: WorkerConfig['consumers'] & { workerId: string };
  redis: { queue: Queue; monitor: Pick<RedisMonitor, 'redis' | 'keys' | 'unavailableMs'> };
  router: EventRouter;
  policy: RetryPolicy;
  /** Called with each settlement. */
  onSettled: (settlement: Settlement) => void;
  /** Called with the size of each batch taken. */
  onTaken: (count: number) => void;
  logger: Logger;
  /** Nothing is taken while it returns true. */
  isPaused: () => boolean;
}

const reportEveryMs = 5000;
/** How long suspects wait at most for the first messages to be settled after the start. */
const suspectsWaitMs = 4_000;

/** The consumers of this process, with the tasks that every worker runs for all: promoter, reaper, heartbeat, reports. */
export class Consumers {
  /** Of all consumers; the last one is kept for suspects. */
  readonly stats: readonly ConsumerStats[];
  readonly #options: ConsumersDeps;
  readonly #stop = new AbortController();
  readonly #forceStop = new AbortController();
  readonly #periodicTasks: readonly PeriodicTask[];
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: ConsumersDeps) {
    this.#options = options;
    const { config, logger, onSettled, isPaused } = options;
    const numbers = Array.from({ length: config.count }, (_, at) => String(at + 1));
    const ids = [...numbers, 'suspects'].map((name) => `${config.workerId}:${name}`);
    this.stats = ids.map((id) => new ConsumerStats({ id, logger, onSettled, isPaused }));
    this.#periodicTasks = this.#createPeriodicTasks(ids);
  }

  start(): void {
    for (const task of this.#periodicTasks) task.start();
    const { config, redis, router, policy, onTaken, logger, isPaused } = this.#options;
    const share = Math.ceil(config.maxInFlight / config.count);
    const startedAt = systemClock.monotonicMs();
    // Suspects first would be in flight at each crash of a worker that never comes as far as to settle anything.
    const isStarting = () =>
      systemClock.monotonicMs() - startedAt < suspectsWaitMs &&
      this.stats.every((stats) => stats.report().processed === 0);
    const loops = this.stats.map((stats, at) => {
      const isForSuspects = at === config.count;
      return consume(
        {
          name: stats.id,
          // The next suspects come when the ones before are settled.
          batchSize: isForSuspects ? share : config.batchSize,
          maxInFlight: isForSuspects ? 1 : share,
          queue: isForSuspects ? suspectsOf(redis.queue) : redis.queue,
          partition: (batch) => router.partition(batch),
          buildSettlement: (delivery, handling) => buildSettlement(delivery, handling, policy),
          stats,
          onTaken,
          logger,
          isPaused: () => isPaused() || (isForSuspects && isStarting()),
        },
        this.#stop.signal,
        this.#forceStop.signal,
      );
    });
    this.#running = Promise.all(loops);
  }

  /** Takes no more; resolves when all in flight is settled. */
  async drain(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** Settles nothing from now on: what is in flight stays in the processing lists. */
  forceStop(): void {
    this.#stop.abort();
    this.#forceStop.abort();
  }

  /** Stops the tasks and releases the leases: another worker can take what is left at once. */
  async close(): Promise<void> {
    const { queue, monitor } = this.#options.redis;
    await Promise.all(this.#periodicTasks.map((task) => task.stop()));
    await Promise.all(
      this.stats.map(async (record) => {
        record.stopped = true;
        await queue.releaseConsumer(record.id);
        await removeConsumer(monitor.redis, monitor.keys.webhooks, record.id);
      }),
    );
  }

  inFlightCount(): number {
    return this.stats.reduce((sum, { inFlight }) => sum + inFlight, 0);
  }

  /** All consumers of all processes; only ours while Redis is unavailable. */
  async states(): Promise<ConsumerState[]> {
    const { monitor } = this.#options.redis;
    const own = this.stats.map((record) => ({
      ...record.report(),
      heartbeatAgeMs: undefined,
      inFlight: record.inFlight,
    }));
    if (monitor.unavailableMs() > 0) return own;
    const known = await listConsumers(monitor.redis, monitor.keys.webhooks);
    // Ours as of now, not as last reported.
    const fresh = new Map(own.map((state) => [state.id, state]));
    return known.map((state) => ({ ...state, ...fresh.get(state.id), heartbeatAgeMs: state.heartbeatAgeMs }));
  }

  #createPeriodicTasks(ids: string[]): PeriodicTask[] {
    const { logger, redis } = this.#options;
    const { queue, monitor } = redis;
    const report = async () => {
      const reports = this.stats.map((record) => record.report());
      await saveConsumerReports(monitor.redis, monitor.keys.webhooks, reports);
      await this.#removeDeadConsumers();
    };
    return [
      createHeartbeat(queue, ids, { logger }),
      createPromoter(queue, { logger }),
      createReaper(queue, { logger, onReclaimed: (reclaimed) => logger.warn(reclaimed, 'messages requeued') }),
      new PeriodicTask({ name: 'reports', intervalMs: reportEveryMs, run: report, logger }),
    ];
  }

  /** Removes the reports of crashed workers once their last message is reclaimed. */
  async #removeDeadConsumers(): Promise<void> {
    const { monitor } = this.#options.redis;
    const states = await listConsumers(monitor.redis, monitor.keys.webhooks);
    const dead = states.filter(({ heartbeatAgeMs, inFlight }) => heartbeatAgeMs === undefined && inFlight === 0);
    for (const { id } of dead) await removeConsumer(monitor.redis, monitor.keys.webhooks, id);
  }
}

/** The suspects of a queue, as a queue to consume. */
function suspectsOf(queue: Queue): Pick<Queue, 'take' | 'settle' | 'requeue'> {
  return {
    take: (consumer, options) => queue.takeSuspects(consumer, options),
    settle: (consumer, settlements) => queue.settle(consumer, settlements),
    requeue: (consumer, deliveries) => queue.requeue(consumer, deliveries),
  };
}
