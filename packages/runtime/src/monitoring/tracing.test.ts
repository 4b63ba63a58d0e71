import { describe, expect, test } from 'vitest';
import { createLogger } from '../logging/logger.ts';
import { loadTracing } from './tracing.ts';

const lines: string[] = [];
const logger = createLogger({ name: 'test', level: 'info', destination: { write: (line) => void lines.push(line) } });
const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' };

describe('loadTracing', () => {
  test('loads nothing when no endpoint is set, or it is switched off', async () => {
    for (const env of [
      {},
      { OTEL_EXPORTER_OTLP_ENDPOINT: ' ' },
      { ...endpoint, OTEL_SDK_DISABLED: 'true' },
      { ...endpoint, OTEL_TRACES_EXPORTER: 'none' },
    ])
      expect(await loadTracing(env, { name: 'test', logger })).toBeUndefined();
    expect(lines).toEqual([]);
  });

  test('says so when it is asked for a protocol that it does not speak', async () => {
    const env = { ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
    expect(await loadTracing(env, { name: 'test', logger })).toBeUndefined();
    expect(lines.join('')).toContain('must be http/protobuf');
  });

  test('with an unavailable collector, records spans and stops all the same', async () => {
    const tracing = await loadTracing(endpoint, { name: 'test', logger });
    const now = Date.now();
    tracing?.startTrace('m1', { name: 'push', kind: 'server', start: now - 5, end: now });
    tracing?.recordSpan('m1', { name: 'handle', kind: 'consumer', start: now, end: now, error: 'no-shop' });
    await tracing?.stop();
    expect(tracing).toBeDefined();
  });
});
