import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@shopee-webhook/runtime';
import { freePort, redisProgram, startRedis, type RedisServer } from '@shopee-webhook/sandbox';
import { Redis } from 'ioredis';

const masterName = 'orders';
const startTimeoutMs = 60_000;

/** One master, replicas and sentinels on loopback, all with the project's redis.conf. */
export class SentinelGroup {
  readonly servers: RedisServer[] = [];
  readonly #sentinels: { port: number; process: ChildProcess }[] = [];

  /**
   * Starts them and resolves when the sentinels know each other and every replica. A dead master is detected after
   * `downAfterMs`.
   */
  static async start(options: {
    dir: string;
    replicas: number;
    sentinels: number;
    downAfterMs: number;
  }): Promise<SentinelGroup> {
    const { dir, replicas, sentinels, downAfterMs } = options;
    const group = new SentinelGroup();
    const master = await startRedis({ dir: join(dir, 'redis-1') });
    group.servers.push(master);
    for (let n = 2; n <= replicas + 1; n += 1) {
      const args = ['--replicaof', '127.0.0.1', String(master.port), '--repl-diskless-sync-delay', '0'];
      group.servers.push(await startRedis({ dir: join(dir, `redis-${n}`), args }));
    }
    const quorum = Math.floor(sentinels / 2) + 1;
    for (let n = 1; n <= sentinels; n += 1) {
      await group.#startSentinel(join(dir, `sentinel-${n}`), { master: master.port, quorum, downAfterMs });
    }
    await group.#waitUntilComplete(replicas, sentinels);
    return group;
  }

  /** For the services. */
  get env(): Record<string, string> {
    const addresses = this.#sentinels.map(({ port }) => `127.0.0.1:${port}`);
    return { REDIS_SENTINELS: addresses.join(','), REDIS_SENTINEL_MASTER: masterName };
  }

  /** The port of the master that the sentinels name now. */
  async masterPort(): Promise<number> {
    const [first] = this.#sentinels;
    const response = await querySentinel(first?.port ?? 0, 'get-master-addr-by-name');
    return Number(Array.isArray(response) ? response[1] : undefined);
  }

  /** kill −9 for the master; resolves with its port. */
  async killMaster(): Promise<number> {
    const port = await this.masterPort();
    await this.servers.find((server) => server.port === port)?.kill();
    return port;
  }

  async stop(): Promise<void> {
    for (const { process } of this.#sentinels) {
      process.kill('SIGKILL');
      if (process.exitCode === null && process.signalCode === null) await once(process, 'exit');
    }
    await Promise.all(this.servers.map((server) => server.kill()));
  }

  async #startSentinel(dir: string, target: { master: number; quorum: number; downAfterMs: number }): Promise<void> {
    mkdirSync(dir, { recursive: true });
    const port = await freePort();
    const conf = join(dir, 'sentinel.conf');
    const lines = [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${dir}`,
      `sentinel monitor ${masterName} 127.0.0.1 ${target.master} ${target.quorum}`,
      `sentinel down-after-milliseconds ${masterName} ${target.downAfterMs}`,
      `sentinel failover-timeout ${masterName} 10000`,
    ];
    writeFileSync(conf, lines.join('\n'));
    this.#sentinels.push({ port, process: spawn(redisProgram(), [conf, '--sentinel'], { stdio: 'ignore' }) });
  }

  async #waitUntilComplete(replicas: number, sentinels: number): Promise<void> {
    const deadline = systemClock.monotonicMs() + startTimeoutMs;
    for (const { port } of this.#sentinels) {
      while (!(await isComplete(port, { replicas, sentinels }))) {
        if (systemClock.monotonicMs() > deadline)
          throw new Error(`the sentinel on port ${port} does not know all of its group`);
        await sleep(100);
      }
    }
  }
}

async function isComplete(
  port: number,
  { replicas, sentinels }: { replicas: number; sentinels: number },
): Promise<boolean> {
  const [others, replicaInfos] = await Promise.all([
    querySentinel(port, 'sentinels'),
    querySentinel(port, 'replicas'),
  ]).catch(() => []);
  if (!Array.isArray(others) || !Array.isArray(replicaInfos)) return false;
  const inSync = replicaInfos.filter((copy) => JSON.stringify(copy).includes('"master-link-status","ok"'));
  return others.length === sentinels - 1 && inSync.length === replicas;
}

async function querySentinel(port: number, subcommand: string): Promise<unknown> {
  const redis = new Redis({ host: '127.0.0.1', port, retryStrategy: () => null, lazyConnect: true });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return await redis.call('SENTINEL', subcommand, masterName);
  } finally {
    redis.disconnect();
  }
}
