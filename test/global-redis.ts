import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startRedis } from '../packages/sandbox/src/processes/redis-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    redisPort: number;
  }
}

/** One real Redis for all test files; each file takes a fresh key prefix. A test that harms Redis starts its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = mkdtempSync(join(tmpdir(), 'shopee-webhook-redis-'));
  const redis = await startRedis({ dir });
  project.provide('redisPort', redis.port);
  return async () => {
    await redis.close();
    rmSync(dir, { recursive: true });
  };
}
