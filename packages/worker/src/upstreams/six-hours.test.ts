import { escrowSchema, orderDetailSchema, ShopeeError } from '@shopee-webhook/shopee';
import { buildMessage, type Delivery } from '@shopee-webhook/store';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { SheetUnavailableError } from '@shopee-webhook/sheets';
import { apiSample } from '../../../shopee/test/samples.ts';
import { buildSettlement } from '../consumer/build-settlement.ts';
import { parseEvent } from '../orders/parsed-event.ts';
import { OrderProcessor } from '../orders/process-order-batch.ts';
import type { FetchedOrder } from '../orders/order-source.ts';
import { CircuitBreakers } from './circuit-breakers.ts';

// Ten seconds of work by itself, and several times that beside others.
vi.setConfig({ testTimeout: 90_000 });

const shopId = '700000001';
const outage = { from: Date.UTC(2026, 10, 23, 2), until: Date.UTC(2026, 10, 23, 8) };

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: outage.from }));
afterEach(() => void vi.useRealTimers());

const sample = z
  .object({ response: z.object({ order_list: z.tuple([z.record(z.string(), z.unknown())]) }) })
  .parse(apiSample('order.get_order_detail.completed')).response.order_list[0];
const escrow = escrowSchema.parse(apiSample('payment.get_escrow_detail')['response']);

/** A message with its due time. */
interface Waiting {
  delivery: Delivery;
  dueAt: number;
}

/** One shop's queue in memory, with a fake clock: six hours in a second. */
class FakeQueue {
  readonly waiting: Waiting[] = [];
  readonly processedAt: number[] = [];
  readonly dead: string[] = [];
  /** Calls to the upstream that is down. */
  calls = 0;
  readonly #processor: OrderProcessor;

  constructor(upstream: 'shopee' | 'sheets') {
    const isDown = () => Date.now() < outage.until;
    const call = <T>(name: typeof upstream, error: Error, result: T): T => {
      if (upstream !== name) return result;
      this.calls += isDown() ? 1 : 0;
      if (isDown()) throw error;
      return result;
    };
    const error = { kind: 'retry-later', isDocumented: true, code: 'http_503', detail: '', path: '/api/v2/x' } as const;
    this.#processor = new OrderProcessor({
      source: {
        shopName: async () => undefined,
        fetchOrders: async (_, sns) =>
          call('shopee', new ShopeeError(error), new Map(sns.map((sn) => [sn, orderOf(sn)]))),
        fetchReturn: unused,
        fetchTrackingNumbers: async () => [],
      },
      sink: {
        upsert: async (rows) =>
          call('sheets', new SheetUnavailableError('503', { retryAfterMs: 10_000 }), rows.map(writtenAt)),
      },
      breakers: new CircuitBreakers({ now: Date.now, onClosed: () => this.#retryDeferred() }),
      findSpreadsheet: () => 'sheet',
    });
  }

  push(sn: string): void {
    const payload = `{"code":3,"shop_id":${shopId},"timestamp":1788220800,"data":{"ordersn":"${sn}","status":"COMPLETED"}}`;
    const metadata = { enqueued_at: Date.now(), retry_count: 0, max_retries: 3 };
    const raw = buildMessage(sn, payload, metadata);
    const delivery = { id: sn, raw, payloadText: payload, metadata, attempt: 1, consumer: 'c' };
    this.waiting.push({ delivery, dueAt: Date.now() });
  }

  /** Processes what is due, in batches as a consumer takes them. */
  async processDue(): Promise<void> {
    for (;;) {
      const due = this.waiting.filter(({ dueAt }) => dueAt <= Date.now()).slice(0, 50);
      if (due.length === 0) return;
      for (const one of due) this.waiting.splice(this.waiting.indexOf(one), 1);
      const results = await this.#processor.process(
        shopId,
        due.map(({ delivery }) => parseEvent(delivery)),
      );
      for (const [at, { delivery }] of due.entries()) this.#settle(delivery, results[at]);
    }
  }

  /** The next moment at which something is due, or at the latest `until`. */
  nextAt(until: number): number {
    return Math.min(until, ...this.waiting.map(({ dueAt }) => dueAt));
  }

  #settle(delivery: Delivery, result: Parameters<typeof buildSettlement>[1] | undefined): void {
    if (result === undefined) throw new Error('not processed');
    const { outcome } = buildSettlement(delivery, result, { maxRetries: 3, random: Math.random });
    if (outcome.kind === 'ack') this.processedAt.push(Date.now());
    else if (outcome.kind === 'dead-letter') this.dead.push(outcome.reason);
    else {
      const { reason, countsAsFailure, delayMs } = outcome;
      const retry_count = delivery.metadata.retry_count + (countsAsFailure ? 1 : 0);
      const metadata = { ...delivery.metadata, retry_count, reason };
      this.waiting.push({ delivery: { ...delivery, metadata, attempt: retry_count + 1 }, dueAt: Date.now() + delayMs });
    }
  }

  #retryDeferred(): void {
    for (const one of this.waiting) one.dueAt = Date.now();
  }
}

test.each(['shopee', 'sheets'] as const)(
  'six hours without %s make no dead letter: the upstream is probed, and everything is processed once it recovers',
  async (upstream) => {
    const queue = new FakeQueue(upstream);
    for (let n = 0; n < 200; n += 1) queue.push(`BEFORE${n}`);
    for (let minute = 0; minute < 400; minute += 1) {
      const until = outage.from + minute * 60_000;
      for (; Date.now() < until; vi.setSystemTime(Math.max(Date.now() + 1, queue.nextAt(until))))
        await queue.processDue();
      queue.push(`DURING${minute}`);
    }
    await queue.processDue();
    expect(queue.dead).toEqual([]);
    expect(queue.waiting).toEqual([]);
    expect(queue.processedAt).toHaveLength(600);
    // Two probes a minute at the least, four at the most, whatever waits.
    expect(queue.calls).toBeGreaterThan(6 * 60 * 1.5);
    expect(queue.calls).toBeLessThan(6 * 60 * 4.5);
    const soon = queue.processedAt.filter((at) => at < outage.until + 60_000);
    expect(soon.length).toBeGreaterThanOrEqual(200 + 360);
  },
);

function orderOf(sn: string): FetchedOrder {
  return { order: { ...orderDetailSchema.parse({ ...sample, order_sn: sn }), shop_id: shopId }, escrow };
}

const writtenAt = (_: unknown, index: number) => ({ kind: 'written' as const, row: index + 2, sheetId: 1 });

const unused = () => Promise.reject(new Error('not called'));
