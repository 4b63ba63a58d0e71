import { collectDefaultMetrics, Registry } from 'prom-client';

/** A Prometheus registry for one process, with Node's own figures (memory, CPU, event-loop lag) in it. */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}
