import { spawnSync } from 'node:child_process';

/**
 * `redis-server`, or `valkey-server` where only that is on the PATH; `REDIS_SERVER` names another. Throws when the machine
 * has none.
 */
export function redisProgram(): string {
  const found = find();
  if (found === undefined) throw new Error('no Redis can be started here: install redis-server or valkey-server');
  return found;
}

/** True when `redisProgram` finds one. */
export function hasRedis(): boolean {
  return find() !== undefined;
}

function find(): string | undefined {
  const { REDIS_SERVER: named } = process.env;
  const programs = named === undefined || named === '' ? ['redis-server', 'valkey-server'] : [named];
  return programs.find((program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0);
}
