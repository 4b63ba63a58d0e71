import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { HealthChecks } from './health.ts';

/** Gauges of prom-client whose names break Prometheus' rule that only counters end in _total; the kinds are in nodejs_active_resources. */
const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** A Prometheus registry for one process, with Node's own figures (memory, CPU, event-loop lag) in it. */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of misnamed) registry.removeSingleMetric(name);
  return registry;
}

/** What the health checks say, asked when Prometheus asks. */
export function addHealthMetrics(registry: Registry, health: HealthChecks): void {
  const gauge = new Gauge({
    name: 'shopee_health_check_failing',
    help: '1 for each check of GET /health that fails, 0 for each that does not',
    labelNames: ['check'],
    registers: [registry],
    collect() {
      for (const [check, { status }] of Object.entries(health.report().checks))
        this.set({ check }, status === 'failing' ? 1 : 0);
    },
  });
  gauge.reset();
}

/**
 * Keeps a label's values few, whatever a client or an upstream sends: the first `most` different ones go through, all later
 * ones are `other`.
 */
export function boundedLabel(maxValues = 50): (value: string) => string {
  const known = new Set<string>();
  return (value) => {
    if (known.has(value)) return value;
    if (known.size >= maxValues) return 'other';
    known.add(value);
    return value;
  };
}
