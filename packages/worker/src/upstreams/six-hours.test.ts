import { escrowSchema, orderDetailSchema, ShopeeError } from '@shopee-webhook/shopee';
import { buildMessage, type Delivery } from '@shopee-webhook/store';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { apiSample } from '../../../shopee/test/samples.ts';
import { buildSettlement } from '../consumer/build-settlement.ts';
import { parseEvent } from '../consumer/parsed-event.ts';
import { OrderHandler, type OrderHandlerDeps } from '../orders/order-handler.ts';
import { SheetUnavailableError } from '../sheets/writer/sheet-row.ts';
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

/** A message with what Redis would know of it. */
interface Waiting {
  delivery: Delivery;
  dueAt: number;
}

/** One shop's line of messages, kept here in place of Redis so that the clock can be ours: six hours in a second. */
class Line {
  readonly waiting: Waiting[] = [];
  readonly handledAt: number[] = [];
  readonly dead: string[] = [];
  /** Calls of the side that is down. */
  calls = 0;
  readonly #handler: OrderHandler;

  constructor(side: 'shopee' | 'sheets') {
    const isDown = () => Date.now() < outage.until;
    const call = <T>(name: typeof side, error: Error, result: T): T => {
      if (side !== name) return result;
      this.calls += isDown() ? 1 : 0;
      if (isDown()) throw error;
      return result;
    };
    const error = { kind: 'retry-later', isDocumented: true, code: 'http_503', detail: '', path: '/api/v2/x' } as const;
    this.#handler = new OrderHandler({
      fetch: async (_, sns) => call('shopee', new ShopeeError(error), new Map(sns.map((sn) => [sn, orderOf(sn)]))),
      shopee: { getReturnDetail: unused, getTrackingNumber: async () => ({}) },
      accessTokens: { withToken: async (_, work) => work({ shopId, accessToken: 'a' }), getTokens: async () => tokens },
      sheets: {
        upsert: async (rows) =>
          call('sheets', new SheetUnavailableError('503', { retryAfterMs: 10_000 }), rows.map(writtenAt)),
      },
      breakers: new CircuitBreakers({ onClosed: () => this.#hasten() }),
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

  /** Handles what is due, in batches as a consumer takes them. */
  async handleDue(): Promise<void> {
    for (;;) {
      const due = this.waiting.filter(({ dueAt }) => dueAt <= Date.now()).slice(0, 50);
      if (due.length === 0) return;
      for (const one of due) this.waiting.splice(this.waiting.indexOf(one), 1);
      const handlings = await this.#handler.process(
        shopId,
        due.map(({ delivery }) => parseEvent(delivery)),
      );
      for (const [at, { delivery }] of due.entries()) this.#settle(delivery, handlings[at]);
    }
  }

  /** The next moment at which something is due, or at the latest `until`. */
  nextAt(until: number): number {
    return Math.min(until, ...this.waiting.map(({ dueAt }) => dueAt));
  }

  #settle(delivery: Delivery, handling: Parameters<typeof buildSettlement>[1] | undefined): void {
    if (handling === undefined) throw new Error('not handled');
    const { outcome } = buildSettlement(delivery, handling, { maxRetries: 3, random: Math.random, now: Date.now });
    if (outcome.kind === 'ack') this.handledAt.push(Date.now());
    else if (outcome.kind === 'dead-letter') this.dead.push(outcome.reason);
    else {
      const { reason, countsAsFailure, delayMs } = outcome;
      const retry_count = delivery.metadata.retry_count + (countsAsFailure ? 1 : 0);
      const metadata = { ...delivery.metadata, retry_count, reason };
      this.waiting.push({ delivery: { ...delivery, metadata, attempt: retry_count + 1 }, dueAt: Date.now() + delayMs });
    }
  }

  #hasten(): void {
    for (const one of this.waiting) one.dueAt = Date.now();
  }
}

test.each(['shopee', 'sheets'] as const)(
  'six hours without %s make no dead letter: the side is probed, and all is handled when it is back',
  async (side) => {
    const line = new Line(side);
    for (let n = 0; n < 200; n += 1) line.push(`BEFORE${n}`);
    for (let minute = 0; minute < 400; minute += 1) {
      const until = outage.from + minute * 60_000;
      for (; Date.now() < until; vi.setSystemTime(Math.max(Date.now() + 1, line.nextAt(until)))) await line.handleDue();
      line.push(`DURING${minute}`);
    }
    await line.handleDue();
    expect(line.dead).toEqual([]);
    expect(line.waiting).toEqual([]);
    expect(line.handledAt).toHaveLength(600);
    // Two probes a minute at the least, four at the most, whatever waits.
    expect(line.calls).toBeGreaterThan(6 * 60 * 1.5);
    expect(line.calls).toBeLessThan(6 * 60 * 4.5);
    const soon = line.handledAt.filter((at) => at < outage.until + 60_000);
    expect(soon.length).toBeGreaterThanOrEqual(200 + 360);
  },
);

function orderOf(sn: string) {
  return { order: { ...orderDetailSchema.parse({ ...sample, order_sn: sn }), shop_id: shopId }, escrow };
}

const tokens: Awaited<ReturnType<OrderHandlerDeps['accessTokens']['getTokens']>> = {
  shopId,
  accessToken: 'a',
  refreshToken: 'r',
  accessExpiresAt: 0,
  refreshExpiresAt: 0,
  state: 'active',
  updatedAt: 0,
};

const writtenAt = (_: unknown, index: number) => ({ kind: 'written' as const, row: index + 2, sheetId: 1 });

const unused = () => Promise.reject(new Error('not asked for here'));
