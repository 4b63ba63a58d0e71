import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createSandbox, type Sandbox, type SandboxOptions } from '../../packages/sandbox/src/index.ts';
import { startOtlpReceiver, type OtlpReceiver, type ReceivedSpan } from './otlp-receiver.ts';

const slow = 120_000;
let collector: OtlpReceiver;
let sandbox: Sandbox | undefined;

beforeEach(async () => {
  collector = await startOtlpReceiver();
});
afterEach(async () => {
  await sandbox?.stop();
  sandbox = undefined;
  collector.close();
}, slow);

/** Starts the product as real processes, sends the pushes of one order, and waits until its rows are written. */
async function traceOf(options: SandboxOptions): Promise<ReceivedSpan[]> {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '100', ...options.env };
  sandbox = await createSandbox({ services: 'processes', shopee: { seed: 7 }, ...options, env });
  await sandbox.shopee.sendPushes(sandbox.shopee.orders.place(700_000_001));
  await vi.waitFor(
    () => {
      if (!collector.spans.some(({ name }) => name === 'write rows')) throw new Error('no row yet');
    },
    { timeout: 60_000, interval: 100 },
  );
  // The forwarder's spans may come later than the worker's.
  await sandbox.stop();
  sandbox = undefined;
  const written = collector.spans.find(({ name }) => name === 'write rows');
  return collector.spans.filter(({ traceId }) => traceId === written?.traceId);
}

/** Each span as `service: its parent > itself`. */
function shapeOf(spans: ReceivedSpan[]): string[] {
  const nameOf = new Map(spans.map(({ spanId, name }) => [spanId, name]));
  const shapes = spans.map(
    ({ service, parentId, name }) => `${service}: ${nameOf.get(parentId) ?? parentId} > ${name}`,
  );
  return shapes.toSorted();
}

const inTheWorker = [
  'shopee-webhook-worker: handle > fetch order',
  'shopee-webhook-worker: handle > write rows',
  'shopee-webhook-worker: push > handle',
  'shopee-webhook-worker: push > wait',
];

describe('with OTEL_EXPORTER_OTLP_ENDPOINT', () => {
  test('a push is one trace from its answer to its row, through Redis', { timeout: slow }, async () => {
    const spans = await traceOf({});
    const inTheForwarder = ['shopee-webhook-forwarder:  > push', 'shopee-webhook-forwarder: push > enqueue'];
    expect(shapeOf(spans)).toEqual([...inTheForwarder, ...inTheWorker]);
    const attributes = { 'http.route': '/webhook/shopee', 'shopee.shop.id': '700000001', 'shopee.outcome': 'queued' };
    expect(spans.find(({ name }) => name === 'push')).toMatchObject({ attributes });
  });

  test('and through the spool and HTTP, without Redis', { timeout: slow }, async () => {
    const env = { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '1' };
    const inTheForwarder = ['shopee-webhook-forwarder:  > push', 'shopee-webhook-forwarder: push > spool'];
    expect(shapeOf(await traceOf({ redis: false, env }))).toEqual([...inTheForwarder, ...inTheWorker]);
  });
});
