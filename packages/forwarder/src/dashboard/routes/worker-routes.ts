import { HttpError, type HttpServer } from '@shopee-webhook/runtime';
import { NotAPushError, orderSnOf, parsePush } from '@shopee-webhook/shopee';
import type { ConsumerState, Inspector, Message } from '@shopee-webhook/store';
import type { LiveSettings } from '../../live-settings.ts';
import { Workers } from '../api-types.ts';
import type { WorkerWatch } from '../worker-watch.ts';

export interface WorkerRoutesParts {
  worker: WorkerWatch;
  liveSettings: LiveSettings;
  /** undefined: REDIS_ENABLED=false. */
  redis: { inspector: Inspector; isUsable: () => boolean } | undefined;
}

const tags = ['dashboard'];
const held = 20;

/** Each consumer with what it holds; pause and resume all. */
export async function workerRoutes(app: HttpServer, parts: WorkerRoutesParts): Promise<void> {
  const { liveSettings, redis } = parts;
  const response = { 200: Workers };
  app.get('/workers', { schema: { tags, summary: 'Consumers', response } }, async () => workersOf(parts));

  for (const what of ['pause', 'resume'] as const) {
    const schema = { tags, summary: `${what} all consumers`, response };
    app.post(`/workers/${what}`, { schema }, async ({ log }) => {
      if (liveSettings.settings === undefined || redis?.isUsable() !== true) {
        throw new HttpError(503, 'redis_away', 'Consumers are paused through Redis, which cannot be used now');
      }
      await liveSettings.settings.set('CONSUMERS_PAUSED', what === 'pause' ? Date.now() : undefined, 'dashboard');
      await liveSettings.look();
      log.info({ what }, 'consumers told');
      return workersOf(parts);
    });
  }
}

async function workersOf({ worker, liveSettings, redis }: WorkerRoutesParts): Promise<Workers> {
  const { reachable, stats } = worker.view;
  const pausedSince = liveSettings.pausedSince ?? null;
  return {
    reachable,
    paused: pausedSince !== null,
    pausedSince,
    consumers: redis?.isUsable() === true ? await consumersIn(redis.inspector) : consumersTold(worker),
    closed: stats?.paused.map(({ side, since }) => ({ side, since: Date.parse(since) })) ?? [],
  };
}

async function consumersIn(inspector: Inspector): Promise<Workers['consumers']> {
  const states = await inspector.workerStats();
  return Promise.all(
    states.map(async (state) => ({
      ...shown(state),
      holds: state.holding === 0 ? [] : (await inspector.holdings(state.id)).slice(0, held).map(holdOf),
    })),
  );
}

/** While Redis cannot tell: what the worker itself said last. */
function consumersTold({ view }: WorkerWatch): Workers['consumers'] {
  return (view.stats?.workers ?? []).map(({ lastProcessedAt, heartbeatAgeMs, ...state }) => ({
    ...state,
    lastProcessedAt: lastProcessedAt === null ? null : Date.parse(lastProcessedAt),
    heartbeatAgeMs: heartbeatAgeMs ?? null,
    holds: [],
  }));
}

function shown({ heartbeatAgeMs, ...state }: ConsumerState): Omit<Workers['consumers'][number], 'holds'> {
  return { ...state, heartbeatAgeMs: heartbeatAgeMs ?? null };
}

function holdOf({ id, payloadText, metadata }: Message): Workers['consumers'][number]['holds'][number] {
  const enqueuedAt = metadata.enqueued_at;
  try {
    const push = parsePush(payloadText);
    return { id, code: push.code, sn: orderSnOf(push) ?? null, enqueuedAt };
  } catch (error) {
    // It will become a dead letter.
    if (error instanceof NotAPushError) return { id, code: null, sn: null, enqueuedAt };
    throw error;
  }
}
