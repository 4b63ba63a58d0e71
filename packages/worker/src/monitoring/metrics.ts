import { boundedLabel, createRegistry } from '@shopee-webhook/runtime';
import type { Settlement, ShopTokens } from '@shopee-webhook/store';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { CallRate } from './call-rate.ts';
import type { QuotaKind } from '../sheets/client/quota.ts';
import type { WriteResult } from '../sheets/writer/sheet-row.ts';

/** The worker's figures for Prometheus. Labels have few values: shops are the owner's, codes of errors are cut off at fifty. */
export interface WorkerMetrics {
  registry: Registry;
  /** One delivery was settled. */
  onSettled: (settlement: Settlement) => void;
  /** A consumer took this many at once. */
  onDequeued: (count: number) => void;
  /** What became of rows given to the sheet writer. */
  onWritten: (results: readonly WriteResult[]) => void;
  onShopeeCall: (call: { path: string; error: string | undefined; ms: number }) => void;
  onSheetCall: (call: { method: string; error: string | undefined; ms: number }) => void;
  /** Calls of the last minute, for the dashboard. */
  calls: CallRate<'shopee' | 'sheetRead' | 'sheetWrite'>;
}

/** What is asked when Prometheus asks. */
export interface GaugeReaders {
  inFlight: () => number;
  unavailableUpstreams: () => number;
  shops: () => readonly ShopTokens[];
  /** Requests that may be sent to Google at once. */
  quotaRemaining: (kind: QuotaKind) => Promise<number>;
}

const callBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const stageBuckets = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800];
const batchBuckets = [1, 2, 5, 10, 20, 50, 100, 200, 500];
const stages = new Set(['fetched', 'written', 'handled']);

export function createMetrics(readers: GaugeReaders): WorkerMetrics {
  const registry = createRegistry();
  addGauges(registry, readers);
  return { registry, calls: new CallRate(), ...deliveryMetrics(registry), ...callMetrics(registry) };
}

function deliveryMetrics(registry: Registry): Pick<WorkerMetrics, 'onSettled' | 'onDequeued' | 'onWritten'> {
  const registers = [registry];
  const deliveries = new Counter({
    name: 'shopee_worker_deliveries_total',
    help: 'Deliveries settled, by outcome',
    labelNames: ['outcome'],
    registers,
  });
  const seconds = new Histogram({
    name: 'shopee_worker_stage_seconds',
    help: 'What a delivery went through: waited in the queue, order fetched, rows written, handled as a whole',
    labelNames: ['stage'],
    buckets: stageBuckets,
    registers,
  });
  const batches = new Histogram({
    name: 'shopee_worker_batch_messages',
    help: 'Messages that a consumer took at once',
    buckets: batchBuckets,
    registers,
  });
  const rows = new Counter({
    name: 'shopee_sheets_rows_total',
    help: 'Rows given to the sheet writer, by what became of them',
    labelNames: ['result'],
    registers,
  });
  return {
    onDequeued: (count) => batches.observe(count),
    onSettled: ({ delivery, outcome, activity = [] }) => {
      deliveries.inc({ outcome: outcome.kind.replaceAll('-', '_') });
      for (const { step, ms, at } of activity) {
        // A later attempt waited for its backoff, which is no news.
        if (step === 'taken' && at !== undefined && delivery.attempt === 1)
          seconds.observe({ stage: 'waited' }, Math.max(0, at - delivery.metadata.enqueued_at) / 1000);
        if (ms !== undefined && stages.has(step)) seconds.observe({ stage: step }, ms / 1000);
      }
    },
    onWritten: (results) => {
      for (const { kind } of results) rows.inc({ result: kind });
    },
  };
}

function callMetrics(registry: Registry): Pick<WorkerMetrics, 'onShopeeCall' | 'onSheetCall'> {
  const registers = [registry];
  const shopee = new Histogram({
    name: 'shopee_api_call_seconds',
    help: 'Calls to Shopee, by path and error',
    labelNames: ['path', 'error'],
    buckets: callBuckets,
    registers,
  });
  const sheet = new Histogram({
    name: 'shopee_sheets_call_seconds',
    help: 'Calls to Google Sheets, by method and kind of error',
    labelNames: ['method', 'error'],
    buckets: callBuckets,
    registers,
  });
  // Shopee thinks up new ones.
  const known = boundedLabel();
  return {
    onShopeeCall: ({ path, error = '', ms }) => shopee.observe({ path, error: known(error) }, ms / 1000),
    onSheetCall: ({ method, error = '', ms }) => sheet.observe({ method, error }, ms / 1000),
  };
}

function addGauges(registry: Registry, readers: GaugeReaders): void {
  const registers = [registry];
  const simple: [name: string, help: string, value: () => number][] = [
    ['shopee_worker_messages_in_flight', 'Messages taken and not yet settled', readers.inFlight],
    ['shopee_worker_upstreams_unavailable', 'Shops and sheets that cannot be called', readers.unavailableUpstreams],
  ];
  const gauges = simple.map(
    ([name, help, value]) =>
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(value());
        },
      }),
  );
  gauges.push(
    new Gauge({
      name: 'shopee_sheets_quota_requests_remaining',
      help: 'Requests to Google Sheets that may be sent at once; one more comes back every 1.15 s',
      labelNames: ['kind'],
      registers,
      async collect() {
        for (const kind of ['read', 'write'] as const) this.set({ kind }, await readers.quotaRemaining(kind));
      },
    }),
    new Gauge({
      name: 'shopee_shop_connected',
      help: '1 while a shop authorises us, 0 when it must be connected again',
      labelNames: ['shop'],
      registers,
      collect() {
        this.reset();
        for (const { shopId: shop, state } of readers.shops()) this.set({ shop }, state === 'active' ? 1 : 0);
      },
    }),
    new Gauge({
      name: 'shopee_token_expiry_timestamp_seconds',
      help: 'When a token, or the seller’s authorisation, ends; unix time',
      labelNames: ['shop', 'token'],
      registers,
      collect() {
        this.reset();
        for (const shop of readers.shops()) {
          for (const [token, at] of tokenExpiries(shop)) if (at > 0) this.set({ shop: shop.shopId, token }, at / 1000);
        }
      },
    }),
  );
  for (const gauge of gauges) gauge.reset();
}

function tokenExpiries(shop: ShopTokens): [token: string, at: number][] {
  return [
    ['access', shop.accessExpiresAt],
    ['refresh', shop.refreshExpiresAt],
    ['authorization', shop.authorizationExpiresAt ?? 0],
  ];
}
