import { expect, test } from 'vitest';
import { HealthChecks } from './health.ts';
import { addHealthMetrics, boundedLabel, createRegistry } from './metrics.ts';

test('a label takes so many different values, and no more', () => {
  const label = boundedLabel(2);
  expect(['a', 'b', 'c', 'a', 'd'].map((value) => label(value))).toEqual(['a', 'b', 'other', 'a', 'other']);
});

test('each health check is a gauge', async () => {
  const registry = createRegistry();
  const health = new HealthChecks();
  health.register('redis', () => ({ status: 'failing', detail: 'away' }));
  health.register('disk', () => ({ status: 'warning', detail: 'nearly full' }));
  addHealthMetrics(registry, health);
  const text = await registry.metrics();
  expect(text).toContain('shopee_health_check_failing{check="redis"} 1');
  expect(text).toContain('shopee_health_check_failing{check="disk"} 0');
});

test('of Node’s own figures only counters end in _total', async () => {
  for (const { name, type } of await createRegistry().getMetricsAsJSON()) {
    expect([name, String(type) === 'counter']).toEqual([name, name.endsWith('_total')]);
  }
});
