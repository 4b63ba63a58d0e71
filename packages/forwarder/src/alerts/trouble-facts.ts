import { statfs } from 'node:fs/promises';
import type { Logger } from '@shopee-webhook/runtime';
import type { ShopeeClient } from '@shopee-webhook/shopee';
import type { Inspector } from '@shopee-webhook/store';
import { answersOf, type AnswerCounts } from '../answer-counts.ts';
import type { QueueReporter } from '../queue-report.ts';
import type { RefusedPushes } from '../refused-pushes.ts';
import type { SignatureRun, TroubleFacts } from './troubles.ts';

export interface TroubleFactsParts {
  reporter: QueueReporter;
  /** Undefined: REDIS_ENABLED=false. */
  inspector: Inspector | undefined;
  answers: AnswerCounts;
  refused: RefusedPushes;
  shopee: Pick<ShopeeClient, 'getPushConfig'>;
  dataDir: string;
  logger: Logger;
  now?: () => number;
}

const aliveMs = 30_000;
const askShopeeMs = 10 * 60_000;

/** Gathers what alarms are judged by. Each fact that cannot be had now is left out. */
export class TroubleFactsGatherer {
  readonly #parts: TroubleFactsParts;
  #aliveAt: number;
  #subscription: TroubleFacts['subscription'];
  #askedShopeeAt = 0;

  constructor(parts: TroubleFactsParts) {
    this.#parts = parts;
    this.#aliveAt = this.#now();
  }

  async gather(): Promise<TroubleFacts> {
    const { reporter, dataDir, answers, refused } = this.#parts;
    const [queue, deadReasons, noConsumerMs, disk] = await Promise.all([
      reporter.report(),
      this.#deadReasons(),
      this.#noConsumerMs(),
      this.#orNothing(() => diskOf(dataDir)),
      this.#askShopee(),
    ]);
    const minutes = answers.minutes();
    const signatures = signatureRunOf(minutes, refused.list());
    const subscription = this.#subscription;
    return { queue, deadReasons, noConsumerMs, disk, signatures, answers: answersOf(minutes), subscription };
  }

  async #deadReasons(): Promise<string[]> {
    const groups = await this.#orNothing(() => this.#parts.inspector?.groups());
    return (groups ?? []).map(({ reason, count }) => `${reason} (${count})`);
  }

  async #noConsumerMs(): Promise<number | undefined> {
    const consumers = await this.#orNothing(() => this.#parts.inspector?.workerStats());
    if (consumers === undefined) return undefined;
    const isAlive = consumers.some(({ heartbeatAgeMs }) => (heartbeatAgeMs ?? Infinity) < aliveMs);
    if (isAlive) this.#aliveAt = this.#now();
    return isAlive ? 0 : this.#now() - this.#aliveAt;
  }

  /** Every ten minutes: what Shopee thinks of our answers. When it does not tell, what it said last counts. */
  async #askShopee(): Promise<void> {
    if (this.#now() - this.#askedShopeeAt < askShopeeMs) return;
    this.#askedShopeeAt = this.#now();
    const config = await this.#orNothing(() => this.#parts.shopee.getPushConfig());
    if (config?.status !== undefined) {
      this.#subscription = { status: config.status.toLowerCase(), suspendedAt: config.suspendedAt };
    }
  }

  async #orNothing<T>(ask: () => Promise<T> | undefined): Promise<T | undefined> {
    try {
      return await ask();
    } catch (err) {
      this.#parts.logger.debug({ err }, 'not known for alarms');
      return undefined;
    }
  }

  #now(): number {
    return (this.#parts.now ?? Date.now)();
  }
}

async function diskOf(path: string): Promise<TroubleFacts['disk']> {
  const { blocks, bavail } = await statfs(path);
  return blocks === 0 ? undefined : { path, usedShare: 1 - bavail / blocks };
}

/** Counts back, minute by minute, to the last push that was accepted. */
export function signatureRunOf(
  minutes: ReturnType<AnswerCounts['minutes']>,
  refused: ReturnType<RefusedPushes['list']>,
): SignatureRun {
  let inARow = 0;
  for (const { counts } of minutes.toReversed()) {
    if ((counts.queued ?? 0) + (counts.spooled ?? 0) + (counts.duplicate ?? 0) > 0) break;
    inARow += counts.unauthorized ?? 0;
  }
  const unsigned = refused.filter(({ status }) => status === 401).slice(0, 5);
  const [last] = unsigned;
  return {
    inARow,
    without: unsigned.filter(({ reason }) => reason === 'no-signature').length,
    urlsTried: last?.urlsTried ?? [],
    keysTried: last?.keysTried ?? 0,
  };
}
