import { join } from 'node:path';
import type { Logger } from '@shopee-webhook/runtime';
import type { ForgottenOrders } from '@shopee-webhook/store';
import { z } from 'zod';
import type { EventLog } from './event-log.ts';
import type { HistoryClient } from './history/history-client.ts';
import type { Spool } from './spool/spool.ts';
import { readState, writeState } from './state-file.ts';

export interface ForgetterOptions {
  forgotten: Pick<ForgottenOrders, 'since'>;
  history: Pick<HistoryClient, 'call'>;
  eventLog: EventLog;
  spool: Spool;
  dataDir: string;
  logger: Logger;
}

const File = z.object({ until: z.number() });

/** Erases what this forwarder's own disk holds of orders whose buyer asked to be forgotten: `cli forget` tells Redis. */
export class Forgetter {
  readonly #options: ForgetterOptions;
  readonly #path: string;

  constructor(options: ForgetterOptions) {
    this.#options = options;
    this.#path = join(options.dataDir, 'forgotten.json');
  }

  /** One round. What was interrupted is done again, which changes nothing. */
  async round(): Promise<void> {
    const { forgotten, history, eventLog, spool, logger } = this.#options;
    const { until = 0 } = (await readState(this.#path, File)) ?? {};
    const asked = await forgotten.since(until);
    if (asked.length === 0) return;
    const sns = asked.map(({ sn }) => sn);
    const lines = await eventLog.forget(sns);
    let others = 0;
    for (const sn of sns) others += (await history.call('forgetOrder', sn)) + spool.forgetOrder(sn);
    await writeState(this.#path, { until: Math.max(...asked.map(({ at }) => at)) });
    logger.info({ orders: sns.length, lines, others }, 'buyers forgotten');
  }
}
