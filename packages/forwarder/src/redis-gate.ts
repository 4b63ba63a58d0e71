import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@shopee-webhook/runtime';
import {
  checkDurability,
  generation,
  UnsafeRedisError,
  type Generation,
  type Keys,
  type RedisConnection,
  type Replication,
} from '@shopee-webhook/store';
import type { Alarms } from './alarms.ts';
import type { Breaker } from './breaker.ts';

export interface RedisGateOptions {
  redis: RedisConnection;
  keys: Keys;
  breaker: Breaker;
  alarms: Alarms;
  replication: Replication;
  allowUnsafe: boolean;
  dataDir: string;
  logger: Logger;
}

/** Why Redis is not used now. */
export type GateState = 'open' | 'unreachable' | 'checking' | 'unsafe' | 'failing';

const firstLookMs = 1_000;

/**
 * Decides whether Redis is used: it must be connected, have been checked since it connected (it may be another one, or
 * have come back empty), and the breaker must be closed. Between the moments when a push could tell, it looks itself.
 */
export class RedisGate {
  readonly #options: RedisGateOptions;
  readonly #stopped = new AbortController();
  #checked = false;
  #unsafe: string | undefined;
  #check: Promise<void> | undefined;
  #looking: Promise<void> | undefined;

  constructor(options: RedisGateOptions) {
    this.#options = options;
    const { redis } = options;
    redis.on('ready', () => void this.#recheck());
    redis.on('close', () => this.#lost());
  }

  /** True when a push may go to Redis. */
  get usable(): boolean {
    return this.state === 'open';
  }

  get state(): GateState {
    const { redis, breaker } = this.#options;
    if (redis.status !== 'ready') return 'unreachable';
    if (this.#unsafe !== undefined) return 'unsafe';
    if (!this.#checked) return 'checking';
    return breaker.state === 'closed' ? 'open' : 'failing';
  }

  /** What makes Redis unsafe, in words; undefined when nothing does. */
  get unsafe(): string | undefined {
    return this.#unsafe;
  }

  /** Makes a call to Redis under the breaker. Rejects at once while the gate is not open. */
  run<T>(work: () => Promise<T>): Promise<T> {
    return this.#options.breaker.run(work);
  }

  /**
   * Waits up to a second for the first connection and its check. Throws UnsafeRedisError when Redis is there and unsafe;
   * when it is not there, begins without it.
   */
  async start(): Promise<void> {
    const { redis, breaker, logger } = this.#options;
    const deadline = Date.now() + firstLookMs;
    while (redis.status !== 'ready' && Date.now() < deadline) await sleep(10);
    if (redis.status === 'ready') {
      await this.#verify().catch((error: unknown) => {
        if (error instanceof UnsafeRedisError) throw error;
        logger.warn({ err: error }, 'redis could not be checked at the start');
      });
    }
    if (!this.usable) breaker.trip('not reachable at the start');
    this.#looking = this.#look();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#looking;
  }

  /** Asks Redis for a write, so that a full, read-only or unreplicated one counts as away; closes the breaker when it does it. */
  async probe(): Promise<void> {
    const { redis, keys, breaker, replication } = this.#options;
    if (redis.status !== 'ready') return;
    if (!this.#checked) await this.#recheck();
    if (!this.#checked) return;
    await breaker.probe(async () => {
      await redis.set(keys.probe, '1', 'PX', 10_000);
      await replication.confirm();
    });
  }

  async #look(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      if (!this.usable) await this.probe();
      // Stopping ends the pause early, which is no fault.
      await sleep(200, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  #lost(): void {
    this.#checked = false;
    if (!this.#stopped.signal.aborted) this.#options.breaker.trip('connection lost');
  }

  /** Checks again after a reconnect. Never rejects: an unsafe Redis is not used, and said so. */
  async #recheck(): Promise<void> {
    try {
      await this.#verify();
    } catch (error) {
      if (!(error instanceof UnsafeRedisError)) return;
      this.#unsafe = error.message;
      this.#options.breaker.trip('unsafe settings');
      this.#raiseUnsafe(error.message);
    }
  }

  /** One check at a time; whoever comes meanwhile waits for the same. */
  #verify(): Promise<void> {
    this.#check ??= this.#checkNow().finally(() => (this.#check = undefined));
    return this.#check;
  }

  async #checkNow(): Promise<void> {
    const { redis, alarms, allowUnsafe, logger } = this.#options;
    const { facts, unsafe } = await checkDurability(redis, { allowUnsafe });
    const age = await this.#generation();
    if (age === 'lost') this.#reportLoss();
    this.#checked = redis.status === 'ready';
    this.#unsafe = undefined;
    if (unsafe.length > 0) this.#raiseUnsafe(unsafe.join('; '));
    else alarms.end('redis-unsafe', { title: 'Redis is safe again', text: 'It keeps what it confirms.' });
    logger.info({ version: facts.version, generation: age }, 'redis connected');
  }

  /** `unknown`: DATA_DIR could not be asked or written, which is said elsewhere; Redis is as good as ever. */
  async #generation(): Promise<Generation | 'unknown'> {
    const { redis, keys, dataDir, logger } = this.#options;
    try {
      return await generation(redis, { keys, dataDir, service: 'forwarder' });
    } catch (err) {
      if (!(err instanceof Error) || !('syscall' in err) || redis.status !== 'ready') throw err;
      logger.error({ err }, 'generation of redis not noted');
      return 'unknown';
    }
  }

  #raiseUnsafe(text: string): void {
    const { alarms } = this.#options;
    alarms.begin('redis-unsafe', { severity: 'critical', title: 'Redis may lose orders', text });
  }

  #reportLoss(): void {
    this.#options.alarms.once('redis-empty', {
      severity: 'critical',
      title: 'Redis came back empty',
      text:
        'Its data is not what it was: the volume was lost or replaced. The worker now asks Shopee for lost pushes and ' +
        'compares all recent orders with the sheet. Waiting dead letters and alerts are gone.',
    });
  }
}
