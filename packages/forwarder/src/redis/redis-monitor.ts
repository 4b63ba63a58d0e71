import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@shopee-webhook/runtime';
import {
  checkDurability,
  checkInstanceId,
  UnsafeRedisError,
  type InstanceStatus,
  type Keys,
  type RedisConnection,
  type Replication,
} from '@shopee-webhook/store';
import type { Alerts } from '../alerts/alerts.ts';
import type { RedisBreaker } from './circuit-breaker.ts';

export interface RedisMonitorDeps {
  redis: RedisConnection;
  keys: Keys;
  breaker: RedisBreaker;
  alerts: Alerts;
  replication: Replication;
  allowUnsafe: boolean;
  dataDir: string;
  logger: Logger;
}

/** Why Redis is not used now. */
export type RedisState = 'open' | 'unreachable' | 'checking' | 'unsafe' | 'failing';

const startupTimeoutMs = 1_000;

/**
 * Decides whether Redis is used: it must be connected, have been checked since it connected (it may be another one, or
 * have come back empty), and the breaker must be closed. Between the moments when a push could tell, it looks itself.
 */
export class RedisMonitor {
  readonly #deps: RedisMonitorDeps;
  readonly #stopped = new AbortController();
  #checked = false;
  #durabilityProblem: string | undefined;
  #check: Promise<void> | undefined;
  #polling: Promise<void> | undefined;

  constructor(deps: RedisMonitorDeps) {
    this.#deps = deps;
    const { redis } = deps;
    redis.on('ready', () => void this.#recheck());
    redis.on('close', () => this.#onDisconnect());
  }

  /** True when a push may go to Redis. */
  get isAvailable(): boolean {
    return this.state === 'open';
  }

  get state(): RedisState {
    const { redis, breaker } = this.#deps;
    if (redis.status !== 'ready') return 'unreachable';
    if (this.#durabilityProblem !== undefined) return 'unsafe';
    if (!this.#checked) return 'checking';
    return breaker.state === 'closed' ? 'open' : 'failing';
  }

  /** What makes Redis unsafe, in words; undefined when nothing does. */
  get durabilityProblem(): string | undefined {
    return this.#durabilityProblem;
  }

  /** Makes a call to Redis under the breaker. Rejects at once while the gate is not open. */
  run<T>(work: () => Promise<T>): Promise<T> {
    return this.#deps.breaker.run(work);
  }

  /**
   * Waits up to a second for the first connection and its check. Throws UnsafeRedisError when Redis is there and unsafe;
   * when it is not there, begins without it.
   */
  async start(): Promise<void> {
    const { redis, breaker, logger } = this.#deps;
    const deadline = Date.now() + startupTimeoutMs;
    while (redis.status !== 'ready' && Date.now() < deadline) await sleep(10);
    if (redis.status === 'ready') {
      await this.#verify().catch((error: unknown) => {
        if (error instanceof UnsafeRedisError) throw error;
        logger.warn({ err: error }, 'redis could not be checked at the start');
      });
    }
    if (!this.isAvailable) breaker.trip('not reachable at the start');
    this.#polling = this.#poll();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#polling;
  }

  /** Asks Redis for a write, so that a full, read-only or unreplicated one counts as away; closes the breaker when it does it. */
  async probe(): Promise<void> {
    const { redis, keys, breaker, replication } = this.#deps;
    if (redis.status !== 'ready') return;
    if (!this.#checked) await this.#recheck();
    if (!this.#checked) return;
    await breaker.probe(async () => {
      await redis.set(keys.writeProbe, '1', 'PX', 10_000);
      await replication.confirm();
    });
  }

  async #poll(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      if (!this.isAvailable) await this.probe();
      // Stopping ends the pause early, which is no fault.
      await sleep(200, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  #onDisconnect(): void {
    this.#checked = false;
    if (!this.#stopped.signal.aborted) this.#deps.breaker.trip('connection lost');
  }

  /** Checks again after a reconnect. Never rejects: an unsafe Redis is not used, and said so. */
  async #recheck(): Promise<void> {
    try {
      await this.#verify();
    } catch (error) {
      if (!(error instanceof UnsafeRedisError)) return;
      this.#durabilityProblem = error.message;
      this.#deps.breaker.trip('unsafe settings');
      this.#raiseDurabilityAlert(error.message);
    }
  }

  /** One check at a time; whoever comes meanwhile waits for the same. */
  #verify(): Promise<void> {
    this.#check ??= this.#checkNow().finally(() => (this.#check = undefined));
    return this.#check;
  }

  async #checkNow(): Promise<void> {
    const { redis, alerts, allowUnsafe, logger } = this.#deps;
    const { info, problems } = await checkDurability(redis, { allowUnsafe });
    const instance = await this.#instance();
    if (instance === 'data-loss') this.#reportDataLoss();
    this.#checked = redis.status === 'ready';
    this.#durabilityProblem = undefined;
    if (problems.length > 0) this.#raiseDurabilityAlert(problems.join('; '));
    else alerts.resolve('redis-unsafe', { title: 'Redis is safe again', text: 'It keeps what it confirms.' });
    logger.info({ version: info.version, generation: instance }, 'redis connected');
  }

  /** `unknown`: DATA_DIR could not be asked or written, which is said elsewhere; Redis is as good as ever. */
  async #instance(): Promise<InstanceStatus | 'unknown'> {
    const { redis, keys, dataDir, logger } = this.#deps;
    try {
      return await checkInstanceId(redis, { keys, dataDir, service: 'forwarder' });
    } catch (err) {
      if (!(err instanceof Error) || !('syscall' in err) || redis.status !== 'ready') throw err;
      logger.error({ err }, 'generation of redis not noted');
      return 'unknown';
    }
  }

  #raiseDurabilityAlert(text: string): void {
    const { alerts } = this.#deps;
    alerts.raise('redis-unsafe', { severity: 'critical', title: 'Redis may lose orders', text });
  }

  #reportDataLoss(): void {
    this.#deps.alerts.notify('redis-empty', {
      severity: 'critical',
      title: 'Redis came back empty',
      text:
        'Its data is not what it was: the volume was lost or replaced. The worker now asks Shopee for lost pushes and ' +
        'compares all recent orders with the sheet. Waiting dead letters and alerts are gone.',
    });
  }
}
