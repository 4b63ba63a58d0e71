import { spawnSync } from 'node:child_process';

/** True when a redis-server is on the PATH. */
export function hasRedis(): boolean {
  return spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;
}
