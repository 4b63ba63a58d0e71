import { join } from 'node:path';
import { createForwarder, loadConfig as loadForwarderConfig } from '@shopee-webhook/forwarder';
import { createLogger } from '@shopee-webhook/runtime';
import { createWorker, loadConfig as loadWorkerConfig } from '@shopee-webhook/worker';
import type { ChildReaper } from './child-reaper.ts';
import { ServiceProcess, type ServiceProcessOptions } from './service-process.ts';

/** A forwarder or worker that can be started and stopped, and in a process of its own also killed. */
export interface Service {
  name: 'forwarder' | 'worker';
  url: string;
  /** Resolves when it answers. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** kill −9; in-process, what it has in flight is given up. */
  kill(): Promise<void>;
  /** SIGSTOP, SIGCONT and the like; only for processes. */
  signal(signal: NodeJS.Signals): void;
  readonly pid: number | undefined;
}

export interface ServiceOptions {
  name: 'forwarder' | 'worker';
  env: Readonly<Record<string, string>>;
  reaper?: ChildReaper;
  onLine?: (line: string) => void;
  onCrash?: NonNullable<ServiceProcessOptions['onCrash']>;
}

/** A service that does not run yet. */
export function createService(kind: 'processes' | 'in-process', options: ServiceOptions): Service {
  const { name, env } = options;
  const port = Number(env[name === 'forwarder' ? 'FORWARDER_PORT' : 'WORKER_PORT']);
  if (kind === 'in-process') return inProcess(name, env, port);
  const logFile = join(env['LOG_DIR'] ?? 'logs', `${name}.log`);
  return new ServiceProcess({ ...options, port, logFile, env: { ...baseEnv(process.env), ...env } });
}

/** Only what every program needs of our own environment: none of the product's settings. */
function baseEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG', 'NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS', 'SystemRoot'];
  return Object.fromEntries(names.map((name) => [name, env[name]]));
}

function inProcess(name: Service['name'], env: Readonly<Record<string, string>>, port: number): Service {
  const logger = createLogger({ name, level: 'silent' });
  const build = () =>
    name === 'forwarder'
      ? createForwarder(loadForwarderConfig(env), { logger })
      : createWorker(loadWorkerConfig(env), { logger });
  let running: Awaited<ReturnType<typeof build>> | undefined;
  return {
    name,
    url: `http://127.0.0.1:${port}`,
    pid: undefined,
    start: async () => {
      running ??= await build();
      await running.start();
    },
    stop: async () => {
      await running?.stop();
      running = undefined;
    },
    kill: async () => {
      running?.forceStop();
      await running?.stop();
      running = undefined;
    },
    signal: () => {
      throw new Error('only a process can be signalled');
    },
  };
}
