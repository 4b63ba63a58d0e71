import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger, systemClock } from '@shopee-webhook/runtime';
import {
  checkDurability,
  checkInstanceId,
  UnsafeRedisError,
  type InstanceStatus,
  type Keys,
  type RedisConnection,
  type Replication,
} from '@shopee-webhook/store';
import type { RedisBreaker } from './circuit-breaker.ts';

export interface RedisMonitorDeps {
  redis: RedisConnection;
  keys: Keys;
  breaker: RedisBreaker;
  replication: Replication | undefined;
  allowUnsafe: boolean;
  dataDir: string;
  logger: Logger;
}

/** `available`, or why Redis is not used now. */
export type RedisState = 'available' | 'unreachable' | 'checking' | 'unsafe' | 'failing';

const startupTimeoutMs = 1_000;
const pollMs = 200;
/** A note of Redis that is older could miss a backup that was restored. */
const instanceCheckMs = 60_000;

/**
 * Decides whether Redis is used: it must be connected, have been checked since it connected (it may be another one, or have
 * lost its data), and the breaker must be closed. The breaker is closed only then, so that the path of a push checks nothing
 * else. Between pushes the monitor polls whether Redis is available again.
 */
export class RedisMonitor {
  readonly #deps: RedisMonitorDeps;
  readonly #stopped = new AbortController();
  #isChecked = false;
  #durabilityProblem: string | undefined;
  #dataLossAt: number | undefined;
  #instanceCheckedAt = 0;
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
    return this.state === 'available';
  }

  get state(): RedisState {
    const { redis, breaker } = this.#deps;
    if (redis.status !== 'ready') return 'unreachable';
    if (!this.#isChecked) return this.#durabilityProblem === undefined ? 'checking' : 'unsafe';
    return breaker.state === 'closed' ? 'available' : 'failing';
  }

  /** Why Redis may lose what it confirms; it is used all the same where REDIS_ALLOW_UNSAFE says so. */
  get durabilityProblem(): string | undefined {
    return this.#durabilityProblem;
  }

  /** When Redis was last found without its data, ms. */
  get dataLossAt(): number | undefined {
    return this.#dataLossAt;
  }

  /** Makes a call to Redis under the breaker. Rejects at once while Redis is unavailable. */
  run<T>(work: () => Promise<T>): Promise<T> {
    return this.#deps.breaker.run(work);
  }

  /**
   * Waits up to a second for the first connection and its check. Throws UnsafeRedisError when Redis is there and unsafe;
   * when it is not there, starts without it.
   */
  async start(): Promise<void> {
    const { redis, breaker, logger } = this.#deps;
    const deadline = systemClock.monotonicMs() + startupTimeoutMs;
    while (redis.status !== 'ready' && systemClock.monotonicMs() < deadline) await sleep(10);
    if (redis.status === 'ready') {
      await this.#verify().catch((error: unknown) => {
        if (error instanceof UnsafeRedisError) throw error;
        logger.warn({ err: error }, 'redis startup check failed');
      });
    }
    if (!this.isAvailable) breaker.trip('not reachable at the start');
    this.#polling = this.#poll();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#polling;
  }

  /** Asks Redis for a write, so that a full, read-only or unreplicated one counts as unavailable; closes the breaker when it does it. */
  async probe(): Promise<void> {
    const { redis, keys, breaker, replication } = this.#deps;
    if (redis.status !== 'ready') return;
    if (!this.#isChecked) await this.#recheck();
    if (!this.#isChecked) return;
    await breaker.probe(async () => {
      await redis.set(keys.writeProbe, '1', 'PX', 10_000);
      await replication?.confirm();
    });
  }

  async #poll(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      if (!this.isAvailable) await this.probe();
      else if (systemClock.monotonicMs() - this.#instanceCheckedAt > instanceCheckMs)
        await this.#checkInstance().catch(() => undefined);
      // Stopping ends the pause early, which is no fault.
      await sleep(pollMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  #onDisconnect(): void {
    this.#isChecked = false;
    if (!this.#stopped.signal.aborted) this.#deps.breaker.trip('connection lost');
  }

  /** Checks again after a reconnect. Never rejects: an unsafe Redis is not used, and an alert says so. */
  async #recheck(): Promise<void> {
    try {
      await this.#verify();
    } catch (error) {
      if (!(error instanceof UnsafeRedisError)) return;
      this.#durabilityProblem = error.message;
      this.#deps.breaker.trip('unsafe settings');
    }
  }

  /** Concurrent callers share the same check. */
  #verify(): Promise<void> {
    this.#check ??= this.#checkNow().finally(() => (this.#check = undefined));
    return this.#check;
  }

  async #checkNow(): Promise<void> {
    const { redis, allowUnsafe, logger } = this.#deps;
    const { info, problems } = await checkDurability(redis, { allowUnsafe });
    const instance = await this.#checkInstance();
    this.#isChecked = redis.status === 'ready';
    this.#durabilityProblem = problems.length > 0 ? problems.join('; ') : undefined;
    logger.info({ version: info.version, instance }, 'redis connected');
  }

  async #checkInstance(): Promise<InstanceStatus | 'unknown'> {
    this.#instanceCheckedAt = systemClock.monotonicMs();
    const instance = await this.#instance();
    if (instance === 'data-loss') this.#dataLossAt = systemClock.wallMs();
    return instance;
  }

  /** `unknown`: DATA_DIR could not be read or written, which /health says; Redis is as good as ever. */
  async #instance(): Promise<InstanceStatus | 'unknown'> {
    const { redis, keys, dataDir, logger } = this.#deps;
    try {
      return await checkInstanceId(redis, { keys, dataDir, service: 'forwarder' });
    } catch (err) {
      if (!(err instanceof Error) || !('syscall' in err) || redis.status !== 'ready') throw err;
      logger.error({ err }, 'redis instance id not saved');
      return 'unknown';
    }
  }
}
