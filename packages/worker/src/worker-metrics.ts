import { createRegistry } from '@shopee-webhook/runtime';
import { CallRate } from './call-rate.ts';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** The worker's figures for Prometheus. */
export interface WorkerMetrics {
  registry: Registry;
  settled: Counter<'outcome'>;
  shopeeCalls: Histogram<'path' | 'error'>;
  sheetCalls: Histogram<'method' | 'error'>;
  /** Calls of the last minute, for the dashboard. */
  calls: CallRate<'shopee' | 'sheetRead' | 'sheetWrite'>;
}

const seconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** `inHand` and `paused` are asked when Prometheus asks. */
export function createMetrics(ask: { inHand: () => number; paused: () => number }): WorkerMetrics {
  const registry = createRegistry();
  const registers = [registry];
  gauge(registry, { name: 'worker_messages_in_hand', help: 'Messages taken and not yet settled', value: ask.inHand });
  gauge(registry, { name: 'worker_paused_sides', help: 'Shops and sheets that cannot be called', value: ask.paused });
  return {
    registry,
    calls: new CallRate(),
    settled: new Counter({
      name: 'worker_deliveries_total',
      help: 'Deliveries settled, by outcome',
      labelNames: ['outcome'],
      registers,
    }),
    shopeeCalls: new Histogram({
      name: 'worker_shopee_call_seconds',
      help: 'Calls to Shopee, by path and error',
      labelNames: ['path', 'error'],
      buckets: seconds,
      registers,
    }),
    sheetCalls: new Histogram({
      name: 'worker_sheets_call_seconds',
      help: 'Calls to Google Sheets, by method and kind of error',
      labelNames: ['method', 'error'],
      buckets: seconds,
      registers,
    }),
  };
}

function gauge(registry: Registry, { name, help, value }: { name: string; help: string; value: () => number }): Gauge {
  return new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(value());
    },
  });
}
