import { statfs } from 'node:fs/promises';
import { type Logger, systemClock } from '@shopee-webhook/runtime';
import type { ShopeeClient } from '@shopee-webhook/shopee';
import type { QueueInspector } from '@shopee-webhook/store';
import type { RejectedPushes } from '../ingest/rejected-pushes.ts';
import type { QueueStatsReader } from '../monitoring/queue-stats.ts';
import { summarizeResponses, type MinuteCounts, type ResponseStats } from '../ingest/response-stats.ts';
import type { RedisBreaker } from '../redis/circuit-breaker.ts';
import type { RedisMonitor } from '../redis/redis-monitor.ts';
import type { Drainer } from '../spool/drainer.ts';
import type { SpoolFile } from '../spool/spool-file.ts';
import type { AlertInputs, RejectionStats } from './rules.ts';

export interface AlertInputDeps {
  queueStats: QueueStatsReader;
  /** Undefined: REDIS_ENABLED=false. */
  redis: { inspector: QueueInspector; monitor: RedisMonitor; breaker: RedisBreaker } | undefined;
  file: SpoolFile;
  drainer: Pick<Drainer, 'workerUnreachable'>;
  responseStats: ResponseStats;
  rejected: RejectedPushes;
  shopee: Pick<ShopeeClient, 'getPushConfig'>;
  dataDir: string;
  logger: Logger;
}

type SlowInputs = Pick<AlertInputs, 'deadLetterReasons' | 'noConsumerMs' | 'disk' | 'quarantined'>;

const aliveMs = 30_000;
const slowMs = 10_000;
const subscriptionPollMs = 10 * 60_000;
const minuteMs = 60_000;

/** Collects what the alert rules look at. What cannot be read now is left out. */
export class AlertInputCollector {
  readonly #deps: AlertInputDeps;
  #aliveAt = systemClock.monotonicMs();
  #subscription: AlertInputs['subscription'];
  #subscriptionPolledAt = -Infinity;
  #slow: { at: number; inputs: Promise<SlowInputs> } | undefined;

  constructor(deps: AlertInputDeps) {
    this.#deps = deps;
  }

  async collect(): Promise<AlertInputs> {
    const { queueStats, redis, file, drainer, responseStats, rejected } = this.#deps;
    const now = systemClock.monotonicMs();
    if (this.#slow === undefined || now - this.#slow.at >= slowMs) this.#slow = { at: now, inputs: this.#readSlow() };
    const [queue, slow] = await Promise.all([queueStats.read(), this.#slow.inputs]);
    const minutes = responseStats.minutes();
    const everAccepted = (queue.totals?.received ?? 0) > 0;
    return {
      queue,
      redis: redis && {
        state: redis.monitor.state,
        durabilityProblem: redis.monitor.durabilityProblem,
        dataLossAt: redis.monitor.dataLossAt,
        reason: redis.breaker.reason,
      },
      spoolProblem: file.problem,
      workerUnreachable: drainer.workerUnreachable,
      rejections: countRejections({ minutes, rejected: rejected.list(), everAccepted, now: systemClock.wallMs() }),
      responses: summarizeResponses(minutes),
      subscription: this.#subscription,
      ...slow,
    };
  }

  /** What costs more to read, or changes seldom. */
  async #readSlow(): Promise<SlowInputs> {
    const { file, dataDir } = this.#deps;
    const [deadLetterReasons, noConsumerMs, disk, quarantined = []] = await Promise.all([
      this.#deadLetterReasons(),
      this.#noConsumerMs(),
      this.#orUndefined(() => readDisk(dataDir)),
      this.#orUndefined(async () => file.quarantined()),
    ]);
    // Not awaited: a Shopee that hangs must not hold up the other alerts.
    void this.#pollSubscription();
    return { deadLetterReasons, noConsumerMs, disk, quarantined };
  }

  async #deadLetterReasons(): Promise<string[]> {
    const groups = await this.#fromRedis((inspector) => inspector.listDeadLetterGroups());
    return (groups ?? []).map(({ reason, count }) => `${reason} (${count})`);
  }

  async #noConsumerMs(): Promise<number | undefined> {
    const consumers = await this.#fromRedis((inspector) => inspector.listConsumers());
    if (consumers === undefined) return undefined;
    const isAlive = consumers.some(({ heartbeatAgeMs }) => (heartbeatAgeMs ?? Infinity) < aliveMs);
    if (isAlive) this.#aliveAt = systemClock.monotonicMs();
    return isAlive ? 0 : systemClock.monotonicMs() - this.#aliveAt;
  }

  /** Every ten minutes: how Shopee rates our responses. While it does not say, what it said last counts. */
  async #pollSubscription(): Promise<void> {
    if (systemClock.monotonicMs() - this.#subscriptionPolledAt < subscriptionPollMs) return;
    this.#subscriptionPolledAt = systemClock.monotonicMs();
    const config = await this.#orUndefined(() => this.#deps.shopee.getPushConfig());
    if (config?.status !== undefined) {
      this.#subscription = { status: config.status.toLowerCase(), suspendedAt: config.suspendedAt };
    }
  }

  async #fromRedis<T>(read: (inspector: QueueInspector) => Promise<T>): Promise<T | undefined> {
    const { redis } = this.#deps;
    return redis?.monitor.isAvailable === true ? this.#orUndefined(() => read(redis.inspector)) : undefined;
  }

  async #orUndefined<T>(read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (err) {
      this.#deps.logger.debug({ err }, 'alert input unavailable');
      return undefined;
    }
  }
}

async function readDisk(path: string): Promise<AlertInputs['disk']> {
  const { blocks, bavail } = await statfs(path);
  return blocks === 0 ? undefined : { path, usedShare: 1 - bavail / blocks };
}

/** Counts wrong signatures back, minute by minute, to the last push that was accepted. */
export function countRejections(inputs: {
  minutes: readonly MinuteCounts[];
  rejected: ReturnType<RejectedPushes['list']>;
  everAccepted: boolean;
  now: number;
}): RejectionStats {
  const { minutes, rejected, now } = inputs;
  let consecutive = 0;
  let since = now;
  for (const { minute, counts } of minutes.toReversed()) {
    if (acceptedOf(counts) > 0) break;
    const wrong = (counts.unauthorized ?? 0) - (counts.unsigned ?? 0);
    consecutive += wrong;
    if (wrong > 0) since = minute * minuteMs;
  }
  const wrong = rejected.filter(({ reason }) => reason === 'wrong-signature').slice(0, consecutive);
  const accepted = minutes.reduce((sum, { counts }) => sum + acceptedOf(counts), 0);
  const first = (minutes[0]?.minute ?? 0) * minuteMs;
  const perMs = since > first ? accepted / (since - first) : 0;
  return {
    consecutive,
    ms: now - since,
    missing: perMs * (now - since),
    everAccepted: inputs.everAccepted || accepted > 0,
    hint: wrong.find(({ isNear }) => isNear === true)?.detail,
    urlsTried: wrong[0]?.urlsTried ?? [],
    keysTried: wrong[0]?.keysTried ?? 0,
  };
}

function acceptedOf({ queued = 0, spooled = 0, duplicate = 0 }: MinuteCounts['counts']): number {
  return queued + spooled + duplicate;
}
