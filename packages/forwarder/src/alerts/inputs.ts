import { statfs } from 'node:fs/promises';
import type { Logger } from '@shopee-webhook/runtime';
import type { ShopeeClient } from '@shopee-webhook/shopee';
import type { QueueInspector } from '@shopee-webhook/store';
import { summarizeResponses, type ResponseStats } from '../monitoring/response-stats.ts';
import type { QueueStatsReader } from '../monitoring/queue-stats.ts';
import type { RejectedPushes } from '../ingest/rejected-pushes.ts';
import type { RejectionStats, AlertInputs } from './rules.ts';

export interface AlertInputDeps {
  queueStats: QueueStatsReader;
  /** Undefined: REDIS_ENABLED=false. */
  inspector: QueueInspector | undefined;
  responseStats: ResponseStats;
  rejected: RejectedPushes;
  shopee: Pick<ShopeeClient, 'getPushConfig'>;
  dataDir: string;
  logger: Logger;
  now?: () => number;
}

const aliveMs = 30_000;
const subscriptionPollMs = 10 * 60_000;

/** Gathers what alarms are judged by. Each fact that cannot be had now is left out. */
export class AlertInputCollector {
  readonly #deps: AlertInputDeps;
  #aliveAt: number;
  #subscription: AlertInputs['subscription'];
  #subscriptionPolledAt = 0;

  constructor(deps: AlertInputDeps) {
    this.#deps = deps;
    this.#aliveAt = this.#now();
  }

  async collect(): Promise<AlertInputs> {
    const { queueStats, dataDir, responseStats, rejected } = this.#deps;
    const [queue, deadLetterReasons, noConsumerMs, disk] = await Promise.all([
      queueStats.report(),
      this.#deadReasons(),
      this.#noConsumerMs(),
      this.#orUndefined(() => diskOf(dataDir)),
      this.#pollSubscription(),
    ]);
    const minutes = responseStats.minutes();
    const rejections = countRejections(minutes, rejected.list());
    const subscription = this.#subscription;
    return {
      queue,
      deadLetterReasons,
      noConsumerMs,
      disk,
      rejections,
      responses: summarizeResponses(minutes),
      subscription,
    };
  }

  async #deadReasons(): Promise<string[]> {
    const groups = await this.#orUndefined(() => this.#deps.inspector?.listDeadLetterGroups());
    return (groups ?? []).map(({ reason, count }) => `${reason} (${count})`);
  }

  async #noConsumerMs(): Promise<number | undefined> {
    const consumers = await this.#orUndefined(() => this.#deps.inspector?.listConsumers());
    if (consumers === undefined) return undefined;
    const isAlive = consumers.some(({ heartbeatAgeMs }) => (heartbeatAgeMs ?? Infinity) < aliveMs);
    if (isAlive) this.#aliveAt = this.#now();
    return isAlive ? 0 : this.#now() - this.#aliveAt;
  }

  /** Every ten minutes: what Shopee thinks of our answers. When it does not tell, what it said last counts. */
  async #pollSubscription(): Promise<void> {
    if (this.#now() - this.#subscriptionPolledAt < subscriptionPollMs) return;
    this.#subscriptionPolledAt = this.#now();
    const config = await this.#orUndefined(() => this.#deps.shopee.getPushConfig());
    if (config?.status !== undefined) {
      this.#subscription = { status: config.status.toLowerCase(), suspendedAt: config.suspendedAt };
    }
  }

  async #orUndefined<T>(read: () => Promise<T> | undefined): Promise<T | undefined> {
    try {
      return await read();
    } catch (err) {
      this.#deps.logger.debug({ err }, 'not known for alarms');
      return undefined;
    }
  }

  #now(): number {
    return (this.#deps.now ?? Date.now)();
  }
}

async function diskOf(path: string): Promise<AlertInputs['disk']> {
  const { blocks, bavail } = await statfs(path);
  return blocks === 0 ? undefined : { path, usedShare: 1 - bavail / blocks };
}

/** Counts back, minute by minute, to the last push that was accepted. */
export function countRejections(
  minutes: ReturnType<ResponseStats['minutes']>,
  rejected: ReturnType<RejectedPushes['list']>,
): RejectionStats {
  let consecutive = 0;
  for (const { counts } of minutes.toReversed()) {
    if ((counts.queued ?? 0) + (counts.spooled ?? 0) + (counts.duplicate ?? 0) > 0) break;
    consecutive += counts.unauthorized ?? 0;
  }
  const unauthorized = rejected.filter(({ status }) => status === 401).slice(0, 5);
  const [last] = unauthorized;
  return {
    consecutive,
    unsigned: unauthorized.filter(({ reason }) => reason === 'no-signature').length,
    urlsTried: last?.urlsTried ?? [],
    keysTried: last?.keysTried ?? 0,
  };
}
