import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { healthRequest, internalAuthHeaders, QueueStats, WorkerStats } from '@shopee-webhook/contracts';
import { commonEnv, systemClock } from '@shopee-webhook/runtime';
import { z } from 'zod';
import { forwarderUrl } from '../clients/forwarder.ts';
import { workerUrl } from '../clients/worker.ts';
import { pausedMessage, resumeHint } from '../output/pause.ts';
import type { Environment } from '../output/shell.ts';
import { SettingsStore } from '@shopee-webhook/store';
import { callTimeoutMs, valueOf, type Check, type Finding } from './finding.ts';

type Line = Omit<Finding, 'area'>;

const Live = z.object({ service: z.string() });
const Health = z.object({
  checks: z.record(
    z.string(),
    z.object({
      status: z.enum(['ok', 'warning', 'failing']),
      since: z.string(),
      detail: z.string().optional(),
      action: z.string().optional(),
    }),
  ),
});
const Rejected = z.object({
  last: z.array(z.object({ at: z.number(), reason: z.string(), detail: z.string().optional() })),
});

/** Who responds at the forwarder's address, what its own checks say, and which pushes it rejected lately. */
export const checkForwarder: Check = async ({ env }) => {
  const url = forwarderUrl(env);
  const stranger = await strangerAt(url, { service: 'forwarder', setting: 'FORWARDER_URL', port: 'FORWARDER_PORT' });
  return stranger === undefined
    ? [...(await healthLines(url, 'forwarder', env)), ...rejectedLines(env), ...(await plainHttpLines(env))]
    : [stranger];
};

/** Who responds at the worker's address, and what its own checks say. */
export const checkWorker: Check = async ({ env }) => {
  const url = workerUrl(env);
  const stranger = await strangerAt(url, { service: 'worker', setting: 'FORWARD_WEBHOOK_URL', port: 'WORKER_PORT' });
  return stranger === undefined ? healthLines(url, 'worker', env) : [stranger];
};

/** Whether consumers run, and move what waits. */
export const checkConsumers: Check = async ({ env, redis: link }) => {
  if (link !== undefined) {
    const { CONSUMERS_PAUSED: since } = await new SettingsStore(link).getRuntimeSettings();
    if (since !== undefined) return [{ level: 'warn', text: pausedMessage(since), action: resumeHint }];
  }
  const stats = await read(new URL('/workers/stats', workerUrl(env)), WorkerStats);
  if (stats === undefined) return [{ level: 'skip', text: 'unknown: the worker does not respond' }];
  const queue = (await read(new URL('/queue/stats', forwarderUrl(env)), QueueStats))?.queue;
  return consumerLines(stats, queue, systemClock.wallMs());
};

const hungMs = 30_000;
const stuckMs = 5 * 60_000;

/** What the consumers' own figures say; `queue` is undefined when the forwarder does not respond. `now`: ms. */
export function consumerLines(stats: WorkerStats, queue: QueueStats['queue'] | undefined, now: number): Line[] {
  const restart = 'restart the worker: what it had in flight is requeued; its log says why';
  const running = stats.workers.filter(({ state }) => state !== 'stopped');
  if (running.length === 0) return [{ level: 'fail', text: 'no consumer runs', action: restart }];
  const deferred = stats.paused.map(({ upstream, since }): Line => {
    const text = `${upstream} has been unavailable since ${since}: its messages are deferred`;
    return { level: 'warn', text, action: 'see the findings above; they are processed when it is back' };
  });
  const hung = running.filter(({ heartbeatAgeMs }) => (heartbeatAgeMs ?? 0) > hungMs);
  const lastMs = Math.max(...running.map(({ lastProcessedAt }) => Date.parse(lastProcessedAt ?? '') || 0));
  const waitingMs = (queue?.oldestSeconds ?? 0) * 1_000;
  const isStuck = (queue?.depth ?? 0) > 0 && waitingMs > stuckMs && now - lastMs > stuckMs;
  return [
    ...deferred,
    ...hung.map(({ id, heartbeatAgeMs = 0 }): Line => {
      const text = `consumer ${id} has given no sign for ${String(Math.round(heartbeatAgeMs / 1_000))} s`;
      return { level: 'fail', text, action: restart };
    }),
    ...(isStuck
      ? [
          {
            level: 'fail' as const,
            text: `${String(queue?.depth)} messages wait, the oldest for ${minutes(waitingMs)}, and none was processed for ${lastMs === 0 ? 'as long as the worker runs' : minutes(now - lastMs)}`,
            action: restart,
          },
        ]
      : []),
    ...(hung.length === 0 && !isStuck ? [{ level: 'ok' as const, text: `${String(running.length)} run` }] : []),
  ];
}

function minutes(ms: number): string {
  return `${String(Math.round(ms / 60_000))} min`;
}

/** As the services say it themselves. */
function serviceName(service: string): string {
  return `Shopee webhook ${service}`;
}

/** What is wrong with who responds there; undefined: it is our service. */
async function strangerAt(
  url: string,
  { service, setting, port }: { service: string; setting: string; port: string },
): Promise<Line | undefined> {
  const live = await fetch(new URL('/health/live', url), { signal: AbortSignal.timeout(callTimeoutMs) }).catch(
    () => undefined,
  );
  if (live === undefined) {
    const text = `the ${service} does not respond at ${new URL(url).origin}`;
    return { level: 'fail', text, action: `start it, or restart it if it hangs; is ${setting} its address?` };
  }
  const body: unknown = await live.json().catch(() => undefined);
  const other = Live.safeParse(body).data?.service;
  if (other === serviceName(service)) return undefined;
  const text = `${other ?? 'another program'} responds at ${new URL(url).origin}`;
  return { level: 'fail', text, action: `that is not the ${service}: correct ${setting} or ${port}` };
}

async function healthLines(url: string, service: string, env: Environment): Promise<Line[]> {
  const key = valueOf(env, 'PARTNER_KEY');
  const headers = key === undefined ? {} : internalAuthHeaders(key, healthRequest, systemClock.wallMs());
  const health = await read(new URL('/health', url), Health, headers);
  if (health === undefined) {
    const text = `the ${service} runs, and shows its checks only to who has its PARTNER_KEY`;
    return [{ level: 'warn', text, action: 'set the same PARTNER_KEY for this command as for the services' }];
  }
  const found = Object.entries(health.checks).flatMap(([name, { status, since, detail = '', action }]): Line[] =>
    status === 'ok'
      ? []
      : [
          {
            level: status === 'failing' ? 'fail' : 'warn',
            text: `${name}: ${detail} (since ${since})`,
            action: action ?? `see the ${service}'s log`,
          },
        ],
  );
  return found.length === 0 ? [{ level: 'ok', text: 'runs, and all of its own checks are ok' }] : found;
}

const rejectedMs = 24 * 3_600_000;

/** Signed pushes that were rejected, from the file that the forwarder writes. */
function rejectedLines(env: Environment): Line[] {
  const dataDir = commonEnv.DATA_DIR.parse(valueOf(env, 'DATA_DIR'));
  let text: string;
  try {
    text = readFileSync(join(dataDir, 'rejected.json'), 'utf8');
  } catch {
    // Nothing was ever rejected, or the forwarder's folder is not here.
    return [];
  }
  const since = systemClock.wallMs() - rejectedMs;
  const rejected = parseRejected(text).filter(({ at }) => at >= since);
  const last = rejected.at(-1);
  if (last === undefined) return [];
  const counts = [...Map.groupBy(rejected, ({ reason }) => reason)].map(
    ([reason, pushes]) => `${reason} ${String(pushes.length)}`,
  );
  return [
    {
      level: 'warn',
      text: `rejected pushes of the last 24 hours: ${counts.join(', ')}; the last one at ${new Date(last.at).toISOString()}`,
      action:
        last.detail ??
        (last.reason === 'wrong-signature'
          ? 'WEBHOOK_PARTNER_KEY and WEBHOOK_URL must be exactly those of the console; see shopee-webhook sign'
          : 'see the page Rejected of the dashboard'),
      link: 'docs/troubleshooting.md',
    },
  ];
}

function parseRejected(text: string): z.output<typeof Rejected>['last'] {
  try {
    return Rejected.parse(JSON.parse(text)).last;
  } catch {
    // The forwarder reports a damaged file itself.
    return [];
  }
}

/** Whether the port itself, without TLS, responds at the public address. */
async function plainHttpLines(env: Environment): Promise<Line[]> {
  const address = valueOf(env, 'PUBLIC_URL') ?? valueOf(env, 'WEBHOOK_URL');
  if (address === undefined || !address.startsWith('https:')) return [];
  const url = `http://${new URL(address).hostname}:${valueOf(env, 'FORWARDER_PUBLISHED_PORT') ?? valueOf(env, 'FORWARDER_PORT') ?? '8000'}`;
  const live = await read(new URL('/health/live', url), Live);
  if (live?.service !== serviceName('forwarder')) return [];
  return [
    {
      level: 'warn',
      text: `${url} responds without TLS: whoever logs in there can be overheard`,
      action: 'set PUBLISH_FORWARDER=127.0.0.1, or close the port in the firewall',
      link: 'docs/setup.md#2-the-server-an-address-with-https',
    },
  ];
}

/** Undefined: nobody responds in time, or something else does. */
async function read<Schema extends z.ZodType>(
  url: URL,
  schema: Schema,
  headers: Record<string, string> = {},
): Promise<z.output<Schema> | undefined> {
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(callTimeoutMs) });
    return schema.parse(await response.json());
  } catch {
    return undefined;
  }
}
