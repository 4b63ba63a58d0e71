import type { AlertEngine } from '@shopee-webhook/store';
import { eventTypes } from '@shopee-webhook/shopee';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { PushOutcome } from '../ingest/response-stats.ts';
import type { BreakerReport, QueueStats } from '@shopee-webhook/contracts';

export interface MetricsDeps {
  registry: Registry;
  breaker: (() => BreakerReport) | undefined;
  /** May be some seconds old. */
  readStats: () => Promise<QueueStats>;
  eventLogDropped: () => number;
}

const knownCodes = new Set(eventTypes.map(({ code }) => code));

/** The forwarder's own metrics. Labels have few values: an undocumented event code counts as `other`. */
export class ForwarderMetrics {
  readonly #pushes: Counter<'code' | 'outcome'>;
  readonly #seconds: Histogram;
  readonly #drained: Counter<'to'>;

  constructor(deps: MetricsDeps) {
    const registers = [deps.registry];
    this.#pushes = new Counter({
      name: 'shopee_pushes_total',
      help: 'Requests to the webhook route, by event code and outcome',
      labelNames: ['code', 'outcome'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'shopee_push_response_seconds',
      help: 'Time from the whole body to the response',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3],
      registers,
    });
    this.#drained = new Counter({
      name: 'shopee_spool_drained_total',
      help: 'Events that left the spool',
      labelNames: ['to'],
      registers,
    });
    addGauges(deps);
  }

  recordResponse(kind: PushOutcome, code: number | undefined, ms: number): void {
    const label = code === undefined ? 'none' : knownCodes.has(code) ? String(code) : 'other';
    this.#pushes.inc({ code: label, outcome: kind.replaceAll('-', '_') });
    this.#seconds.observe(ms / 1000);
  }

  recordDrained(to: 'redis' | 'worker' | 'dead-letter'): void {
    this.#drained.inc({ to: to.replaceAll('-', '_') });
  }
}

/** How many alerts are active, by severity. */
export function addAlertMetrics(registry: Registry, alerts: AlertEngine): void {
  const active = new Gauge({
    name: 'shopee_alerts_active',
    help: 'Active alerts, by severity',
    labelNames: ['severity'],
    registers: [registry],
    collect() {
      for (const severity of ['info', 'warning', 'critical'] as const) {
        this.set({ severity }, alerts.active().filter((alert) => alert.severity === severity).length);
      }
    },
  });
  active.reset();
}

function addGauges({ registry, breaker, readStats, eventLogDropped }: MetricsDeps): void {
  const registers = [registry];
  const messages = new Gauge({
    name: 'shopee_queue_messages',
    help: 'Messages in Redis, by state',
    labelNames: ['state'],
    registers,
    async collect() {
      const { queue } = await readStats();
      if (queue.depth === null) this.reset();
      else
        for (const state of ['depth', 'retrying', 'processing', 'deadLetter'] as const)
          this.set({ state: stateLabel[state] }, queue[state] ?? 0);
    },
  });
  messages.reset();
  const gauges: [name: string, help: string, value: (from: QueueStats) => number | null][] = [
    ['shopee_queue_oldest_seconds', 'Age of the message that is next', ({ queue }) => queue.oldestSeconds],
    ['shopee_redis_connected', '1 while Redis is used', ({ redis }) => (redis.connected ? 1 : 0)],
    ['shopee_redis_memory_used_bytes', 'Memory that Redis uses', ({ redis }) => redis.memoryUsedBytes],
    ['shopee_redis_memory_max_bytes', 'Memory that Redis may use; 0 = no limit', ({ redis }) => redis.memoryMaxBytes],
    ['shopee_spool_events', 'Events waiting on disk', ({ spool }) => spool.depth],
    ['shopee_spool_oldest_seconds', 'Age of the oldest event on disk', ({ spool }) => spool.oldestSeconds],
    ['shopee_spool_dead_letters', 'Dead letters on disk', ({ spool }) => spool.deadLetter],
  ];
  for (const [name, help, value] of gauges) {
    const gauge = new Gauge({
      name,
      help,
      registers,
      async collect() {
        const now = value(await readStats());
        if (now === null) this.remove();
        else this.set(now);
      },
    });
    gauge.remove();
  }
  const dropped = new Counter({
    name: 'shopee_event_log_dropped_lines_total',
    help: 'Event log lines lost to disk errors',
    registers,
    collect() {
      this.reset();
      this.inc(eventLogDropped());
    },
  });
  dropped.reset();
  if (breaker !== undefined) addBreakerMetrics(registry, breaker);
}

const stateLabel = { depth: 'waiting', retrying: 'retrying', processing: 'processing', deadLetter: 'dead_letter' };

function addBreakerMetrics(registry: Registry, breaker: () => BreakerReport): void {
  const registers = [registry];
  const open = new Gauge({
    name: 'shopee_breaker_open',
    help: '1 while the circuit breaker around Redis is not closed',
    registers,
    collect() {
      this.set(breaker().state === 'closed' ? 0 : 1);
    },
  });
  open.set(0);
  const counts: [name: string, help: string, value: (from: BreakerReport) => number][] = [
    ['shopee_breaker_opens_total', 'Times the breaker opened', ({ opens }) => opens],
    ['shopee_breaker_failures_total', 'Calls to Redis that failed', ({ failures }) => failures],
    ['shopee_breaker_timeouts_total', 'Calls to Redis that took too long', ({ timeouts }) => timeouts],
    [
      'shopee_breaker_rejected_total',
      'Calls to Redis not made because the breaker was open',
      ({ rejected }) => rejected,
    ],
  ];
  for (const [name, help, value] of counts) {
    const counter = new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(value(breaker()));
      },
    });
    counter.reset();
  }
}
