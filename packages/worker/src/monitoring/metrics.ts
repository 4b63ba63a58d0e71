import { boundedLabel, createRegistry } from '@shopee-webhook/runtime';
import type { Settlement, ShopTokens } from '@shopee-webhook/store';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { QuotaKind, WriteResult } from '@shopee-webhook/sheets';
import { CallRate } from './call-rate.ts';

/** The worker's Prometheus metrics. Label values are bounded: the owner's shops, at most fifty error codes. */
export interface WorkerMetrics {
  registry: Registry;
  /** Called with each settlement. */
  onSettled: (settlement: Settlement) => void;
  /** Called with the size of each batch taken. */
  onTaken: (count: number) => void;
  /** Called with the results of each write. */
  onWritten: (results: readonly WriteResult[]) => void;
  onShopeeCall: (call: { path: string; error: string | undefined; ms: number }) => void;
  onSheetCall: (call: { method: string; error: string | undefined; ms: number }) => void;
  /** Calls of the last minute, for the dashboard. */
  calls: CallRate<'shopee' | 'sheetRead' | 'sheetWrite'>;
}

/** Values read at each scrape. */
export interface GaugeReaders {
  inFlight: () => number;
  unavailableUpstreams: () => number;
  shops: () => readonly ShopTokens[];
  /** Requests that may be sent to Google now. */
  quotaRemaining: (kind: QuotaKind) => Promise<number>;
  /** Orders whose income does not add up, by shop. */
  unexplainedOrders: () => ReadonlyMap<string, number>;
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

function deliveryMetrics(registry: Registry): Pick<WorkerMetrics, 'onSettled' | 'onTaken' | 'onWritten'> {
  const registers = [registry];
  const deliveries = new Counter({
    name: 'shopee_worker_deliveries_total',
    help: 'Deliveries settled, by outcome',
    labelNames: ['outcome'],
    registers,
  });
  const seconds = new Histogram({
    name: 'shopee_worker_stage_seconds',
    help: 'Duration of each stage of a delivery: waited in the queue, order fetched, rows written, handled in total',
    labelNames: ['stage'],
    buckets: stageBuckets,
    registers,
  });
  const batches = new Histogram({
    name: 'shopee_worker_batch_messages',
    help: 'Messages per batch taken by a consumer',
    buckets: batchBuckets,
    registers,
  });
  const rows = new Counter({
    name: 'shopee_sheets_rows_total',
    help: 'Rows given to the sheet writer, by result',
    labelNames: ['result'],
    registers,
  });
  return {
    onTaken: (count) => batches.observe(count),
    onSettled: ({ delivery, outcome, activity = [] }) => {
      deliveries.inc({ outcome: outcome.kind.replaceAll('-', '_') });
      for (const { step, ms, at } of activity) {
        // A later attempt waited for its backoff, which is not queue time.
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
  // Shopee keeps adding new ones.
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
    [
      'shopee_worker_upstreams_unavailable',
      'Shops and spreadsheets whose circuit breaker is open',
      readers.unavailableUpstreams,
    ],
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
      help: 'Requests that may be sent to Google Sheets now; one is added every 1.15 s',
      labelNames: ['kind'],
      registers,
      async collect() {
        for (const kind of ['read', 'write'] as const) this.set({ kind }, await readers.quotaRemaining(kind));
      },
    }),
    new Gauge({
      name: 'shopee_orders_unexplained',
      help: 'Orders written within a day whose escrow amount is not the sum of what it is made of',
      labelNames: ['shop'],
      registers,
      collect() {
        this.reset();
        for (const [shop, count] of readers.unexplainedOrders()) this.set({ shop }, count);
      },
    }),
    new Gauge({
      name: 'shopee_shop_connected',
      help: '1 while the shop authorizes the app, 0 when it must be reconnected',
      labelNames: ['shop'],
      registers,
      collect() {
        this.reset();
        for (const { shopId: shop, state } of readers.shops()) this.set({ shop }, state === 'active' ? 1 : 0);
      },
    }),
    new Gauge({
      name: 'shopee_token_expiry_timestamp_seconds',
      help: 'When a token or the seller’s authorization expires, unix time',
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
