import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@shopee-webhook/runtime';
import { startRedis, type RedisServer } from '@shopee-webhook/sandbox';
import { Redis } from 'ioredis';

const slots = 16_384;
const startTimeoutMs = 60_000;

/** A Redis Cluster of masters on loopback, which share the slots evenly. */
export class ClusterGroup {
  readonly servers: RedisServer[] = [];

  /** Resolves when every node reports a complete cluster. */
  static async start({ dir, masters }: { dir: string; masters: number }): Promise<ClusterGroup> {
    const group = new ClusterGroup();
    const args = ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1', '--cluster-node-timeout', '2000'];
    for (let n = 1; n <= masters; n += 1) {
      group.servers.push(await startRedis({ dir: join(dir, `node-${n}`), args }));
    }
    const nodes = group.servers.map(({ port }) => new Redis({ host: '127.0.0.1', port }));
    try {
      const [first] = group.servers;
      for (const [index, node] of nodes.entries()) {
        const from = Math.floor((index * slots) / masters);
        await node.cluster('ADDSLOTSRANGE', from, Math.floor(((index + 1) * slots) / masters) - 1);
        if (index > 0) await node.cluster('MEET', '127.0.0.1', first?.port ?? 0);
      }
      const deadline = systemClock.monotonicMs() + startTimeoutMs;
      for (const node of nodes) await waitUntilComplete(node, masters, deadline);
    } finally {
      for (const node of nodes) node.disconnect();
    }
    return group;
  }

  /** For the services. All keys of one prefix are on one node; another prefix may be on another. */
  env(prefix: string): Record<string, string> {
    const nodes = this.servers.map(({ port }) => `127.0.0.1:${port}`).join(',');
    return { REDIS_CLUSTER_NODES: nodes, REDIS_KEY_PREFIX: prefix };
  }

  /** How many keys each node holds. */
  async keyCounts(): Promise<number[]> {
    return Promise.all(
      this.servers.map(async ({ port }) => {
        const node = new Redis({ host: '127.0.0.1', port });
        try {
          return await node.dbsize();
        } finally {
          node.disconnect();
        }
      }),
    );
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.kill()));
  }
}

async function waitUntilComplete(node: Redis, masters: number, deadline: number): Promise<void> {
  for (;;) {
    const info = await node.cluster('INFO');
    if (info.includes('cluster_state:ok') && info.includes(`cluster_size:${masters}`)) return;
    if (systemClock.monotonicMs() > deadline) throw new Error('the nodes did not become a cluster');
    await sleep(100);
  }
}
