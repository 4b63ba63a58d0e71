import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { startRedis, type RedisServer } from '../../sandbox/src/processes/redis-server.ts';
import { connectRedis, type ConnectionOptions, type RedisConnection } from '../src/index.ts';

/** A Redis that a test may harm, with the project's redis.conf. `restart` comes back on the same port with the same data. */
export interface DedicatedRedis {
  readonly port: number;
  readonly server: RedisServer;
  readonly dir: string;
  restart(): Promise<void>;
  connect(choices?: ConnectionOptions): RedisConnection;
}

export async function startDedicatedRedis(args: string[] = []): Promise<DedicatedRedis> {
  const dir = await mkdtemp(join(tmpdir(), 'store-redis-'));
  let server = await startRedis({ dir, args });
  const { port } = server;
  onTestFinished(async () => {
    await server.kill();
    await rm(dir, { recursive: true });
  });
  return {
    port,
    dir,
    get server() {
      return server;
    },
    async restart() {
      server = await startRedis({ dir, port, args });
    },
    connect: (choices = {}) => {
      const redis = connectRedis({ host: '127.0.0.1', port }, choices);
      onTestFinished(() => redis.disconnect());
      return redis;
    },
  };
}
