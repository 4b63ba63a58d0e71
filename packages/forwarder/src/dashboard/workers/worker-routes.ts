import { HttpError, type HttpServer, systemClock } from '@shopee-webhook/runtime';
import { MalformedPushError, orderSnOf, parsePush } from '@shopee-webhook/shopee';
import type { ConsumerState, QueueInspector, Message } from '@shopee-webhook/store';
import type { RuntimeSettings } from '../../settings/runtime-settings.ts';
import { Workers } from '@shopee-webhook/contracts/dashboard-api';
import type { WorkerMonitor } from './worker-monitor.ts';

export interface WorkerRoutesDeps {
  workerMonitor: WorkerMonitor;
  runtimeSettings: RuntimeSettings;
  /** undefined: REDIS_ENABLED=false. */
  redis: { inspector: QueueInspector; isAvailable: () => boolean } | undefined;
}

const tags = ['dashboard'];
const maxInFlightShown = 20;

/** Each consumer with what it holds; pause and resume all. */
export async function workerRoutes(app: HttpServer, deps: WorkerRoutesDeps): Promise<void> {
  const { runtimeSettings, redis } = deps;
  const response = { 200: Workers };
  app.get('/workers', { schema: { tags, summary: 'Consumers', response } }, async () => listWorkers(deps));

  for (const action of ['pause', 'resume'] as const) {
    const schema = { tags, summary: `${action} all consumers`, response };
    app.post(`/workers/${action}`, { schema }, async ({ log }) => {
      if (runtimeSettings.settings === undefined || redis?.isAvailable() !== true) {
        throw new HttpError(503, 'redis_unavailable', 'Consumers are paused through Redis, which is unavailable');
      }
      await runtimeSettings.settings.set(
        'CONSUMERS_PAUSED',
        action === 'pause' ? systemClock.wallMs() : undefined,
        'dashboard',
      );
      await runtimeSettings.refresh();
      log.info({ action }, action === 'pause' ? 'consumers paused' : 'consumers resumed');
      return listWorkers(deps);
    });
  }
}

async function listWorkers({ workerMonitor, runtimeSettings, redis }: WorkerRoutesDeps): Promise<Workers> {
  const { reachable, stats } = workerMonitor.view;
  const pausedSince = runtimeSettings.pausedSince ?? null;
  return {
    reachable,
    paused: pausedSince !== null,
    pausedSince,
    consumers:
      redis?.isAvailable() === true ? await consumersFromRedis(redis.inspector) : consumersFromWorker(workerMonitor),
    unavailableUpstreams:
      stats?.paused.map(({ upstream, since }) => ({ upstream: upstream, since: Date.parse(since) })) ?? [],
  };
}

async function consumersFromRedis(inspector: QueueInspector): Promise<Workers['consumers']> {
  const states = await inspector.listConsumers();
  return Promise.all(
    states.map(async (state) => ({
      ...toConsumer(state),
      inFlightMessages:
        state.inFlight === 0 ? [] : (await inspector.listInFlight(state.id)).slice(0, maxInFlightShown).map(toInFlight),
    })),
  );
}

/** While Redis cannot tell: what the worker itself said last. */
function consumersFromWorker({ view }: WorkerMonitor): Workers['consumers'] {
  return (view.stats?.workers ?? []).map(({ lastProcessedAt, heartbeatAgeMs, ...state }) => ({
    ...state,
    lastProcessedAt: lastProcessedAt === null ? null : Date.parse(lastProcessedAt),
    heartbeatAgeMs: heartbeatAgeMs ?? null,
    inFlightMessages: [],
  }));
}

function toConsumer({
  heartbeatAgeMs,
  ...state
}: ConsumerState): Omit<Workers['consumers'][number], 'inFlightMessages'> {
  return { ...state, heartbeatAgeMs: heartbeatAgeMs ?? null };
}

function toInFlight({ id, payloadText, metadata }: Message): Workers['consumers'][number]['inFlightMessages'][number] {
  const enqueuedAt = metadata.enqueued_at;
  try {
    const push = parsePush(payloadText);
    return { id, code: push.code, sn: orderSnOf(push) ?? null, enqueuedAt };
  } catch (error) {
    // It will become a dead letter.
    if (error instanceof MalformedPushError) return { id, code: null, sn: null, enqueuedAt };
    throw error;
  }
}
