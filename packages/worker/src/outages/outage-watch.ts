import type { HealthState, Logger } from '@shopee-webhook/runtime';
import type { Queue } from '@shopee-webhook/store';
import type { Alarms } from '../alarms.ts';
import { errorText, SideUnavailableError } from '../errors.ts';
import type { Gate } from './gate.ts';
import { Gates } from './gates.ts';
import { shopOutageOf } from './side-outages.ts';

export interface OutageWatchOptions {
  alarms: Alarms;
  /** Absent without Redis: then the forwarder's spool keeps what waits. */
  queue?: Pick<Queue, 'hasten'> | undefined;
  logger: Logger;
  /** Messages that the worker holds at most. */
  maxMessages?: number;
}

/** Shorter outages pass without a message to the operator. */
const alarmAfterMs = 60_000;

/** Owns the gates: logs an outage when it begins and ends, alarms when it lasts, and hastens what waited for its end. */
export class OutageWatch {
  readonly gates: Gates;
  readonly #options: OutageWatchOptions;
  readonly #errors = new Map<string, unknown>();

  constructor(options: OutageWatchOptions) {
    this.#options = options;
    this.gates = new Gates({
      ...(options.maxMessages === undefined ? {} : { maxMessages: options.maxMessages }),
      onClosed: (gate, error) => this.#begins(gate, error),
      onOpened: (gate, closedMs) => void this.#ends(gate, closedMs),
      onFirstOk: (gate) => void this.#hasten(gate.side),
    });
  }

  /** One look: tells the operator of outages that last. */
  async look(): Promise<void> {
    await this.#options.alarms.look();
    for (const gate of this.gates.closed()) {
      const error = this.#errors.get(gate.side);
      const why = shopOutageOf(error)?.why;
      // Told already by who found out that the shop is expired or revoked.
      if (error instanceof SideUnavailableError && why === 'not-authorized') continue;
      const isLasting = Date.now() - (gate.closedSince ?? 0) >= alarmAfterMs;
      if (isLasting || why === 'unknown-shop' || why === 'not-authorized') await this.#alarm(gate.side, why, error);
    }
  }

  /** Which sides of this kind (`shopee:`, `sheet:`) cannot be called now. */
  health(kind: string): HealthState {
    const closed = this.gates.closed().filter(({ side }) => side.startsWith(kind));
    if (closed.length === 0) return { status: 'ok' };
    const words = closed.map(({ side }) => `${side}: ${errorText(this.#errors.get(side))}`);
    return { status: 'warning', detail: `events wait for ${words.join('; ')}` };
  }

  #begins(gate: Gate, error: unknown): void {
    this.#errors.set(gate.side, error);
    this.#options.logger.warn({ err: error, side: gate.side }, 'outage begins');
  }

  async #ends(gate: Gate, closedMs: number): Promise<void> {
    const { logger, alarms } = this.#options;
    this.#errors.delete(gate.side);
    const hastened = await this.#hasten(gate.side);
    logger.info({ side: gate.side, ms: closedMs, hastened }, 'outage ends');
    await alarms.end(`side:${gate.side}`);
  }

  /** What waited for this side, by this worker's word or another's, is due now. */
  async #hasten(side: string): Promise<number> {
    const { queue, logger } = this.#options;
    try {
      return (await queue?.hasten(side)) ?? 0;
    } catch (err) {
      // They come back by themselves, only later.
      logger.warn({ err, side }, 'waiting events not hastened');
      return 0;
    }
  }

  async #alarm(side: string, why: string | undefined, error: unknown): Promise<void> {
    const titles: Readonly<Record<string, string>> = {
      'unknown-shop': `${side}: events of a shop that is not connected`,
      'not-authorized': `${side}: the shop must be connected again`,
      'no-spreadsheet': `${side}: SPREADSHEET_ID names no spreadsheet for this shop`,
      'daily-limit': `${side}: the daily call limit is reached`,
    };
    await this.#options.alarms.begin(`side:${side}`, {
      severity: 'critical',
      title: titles[why ?? ''] ?? `${side} cannot be reached`,
      text: `${errorText(error)}. Its events wait and are handled when it is there again; nothing is lost.`,
    });
  }
}
