import { afterAll, beforeAll, describe, expect, inject as provided, test } from 'vitest';
import { environment, inject, orderPush, runForwarder, type TestForwarder } from './helpers.ts';

let parts: TestForwarder;
beforeAll(async () => {
  parts = await runForwarder(environment(provided('redisPort')));
});
afterAll(() => parts.forwarder.stop());

/** The samples of the forwarder's own metrics, and the type of each metric. */
async function scrape() {
  const { body } = await parts.forwarder.app.inject('/metrics');
  const lines = body.split('\n').filter((line) => line !== '');
  const types = new Map(
    lines.filter((line) => line.startsWith('# TYPE ')).map((line) => line.split(' ').slice(2) as [string, string]),
  );
  const helps = new Set(lines.filter((line) => line.startsWith('# HELP ')).map((line) => line.split(' ')[2]));
  const samples = lines.filter((line) => line.startsWith('shopee_'));
  return { types, helps, samples };
}

describe('GET /metrics', () => {
  test('counts pushes by code and outcome, codes that nobody documented under one name', async () => {
    await inject(parts.forwarder, orderPush('A'));
    await inject(parts.forwarder, orderPush('A'));
    for (const code of [990, 991, 992]) await inject(parts.forwarder, `{"code":${String(code)},"shop_id":1,"data":{}}`);
    await inject(parts.forwarder, 'garbage', { authorization: '' });
    // What is asked of Redis may be some seconds old.
    await expect
      .poll(async () => (await scrape()).samples)
      .toEqual(
        expect.arrayContaining([
          'shopee_pushes_total{code="3",outcome="queued"} 1',
          'shopee_pushes_total{code="3",outcome="duplicate"} 1',
          'shopee_pushes_total{code="other",outcome="queued"} 3',
          'shopee_pushes_total{code="none",outcome="unauthorized"} 1',
          'shopee_push_response_seconds_count 6',
          'shopee_queue_messages{state="waiting"} 4',
          'shopee_breaker_open 0',
          'shopee_spool_events 0',
          'shopee_redis_connected 1',
        ]),
      );
  });

  test("names follow Prometheus' conventions: help for each, counters and only they end in _total, base units", async () => {
    const { types, helps } = await scrape();
    for (const [name, type] of types) {
      if (!name.startsWith('shopee_')) continue;
      expect(helps).toContain(name);
      expect([name, type === 'counter']).toEqual([name, name.endsWith('_total')]);
      expect(name).not.toMatch(/_(ms|milliseconds|kb|mb|minutes|percent)(_|$)/);
    }
  });
});
