import { join } from 'node:path';
import { type Logger, readJsonFile, writeJsonFile } from '@shopee-webhook/runtime';
import type { ErasureRequests } from '@shopee-webhook/store';
import { z } from 'zod';
import type { EventLog } from './event-log.ts';
import type { HistoryClient } from '@shopee-webhook/history';
import type { Spool } from '../spool/spool.ts';

export interface DataEraserDeps {
  requests: Pick<ErasureRequests, 'listSince'>;
  history: Pick<HistoryClient, 'call'>;
  eventLog: EventLog;
  spool: Spool;
  dataDir: string;
  logger: Logger;
}

const File = z.object({ until: z.number() });

/** Erases from this forwarder's disk the orders of buyers who requested erasure: `cli forget` records them in Redis. */
export class DataEraser {
  readonly #deps: DataEraserDeps;
  readonly #path: string;

  constructor(deps: DataEraserDeps) {
    this.#deps = deps;
    this.#path = join(deps.dataDir, 'erasures.json');
  }

  /** Erases new requests. An interrupted run is repeated, which changes nothing. */
  async eraseRequested(): Promise<void> {
    const { requests, history, eventLog, spool, logger } = this.#deps;
    const { until = 0 } = (await readJsonFile(this.#path, File)) ?? {};
    const requested = await requests.listSince(until);
    if (requested.length === 0) return;
    const sns = requested.map(({ sn }) => sn);
    const lines = await eventLog.eraseOrders(sns);
    let others = 0;
    for (const sn of sns) others += (await history.call('eraseOrder', sn)) + spool.eraseOrder(sn);
    await writeJsonFile(this.#path, { until: Math.max(...requested.map(({ at }) => at)) });
    logger.info({ orders: sns.length, lines, others }, 'buyer data erased');
  }
}
