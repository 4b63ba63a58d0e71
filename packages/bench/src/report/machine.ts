import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { systemClock } from '@shopee-webhook/runtime';
import { redisProgram } from '@shopee-webhook/sandbox';
import { z } from 'zod';

/** Above it the machine was busy with other work: times say little then. */
const maxIdleLoad = 1.5;

/** The machine of the measurement, one line per property; read before a run, for its load. */
export function describeMachine(): string[] {
  const [cpu] = cpus();
  const [, load = 0] = loadavg();
  const busy = load > maxIdleLoad ? ': **other work was running, so times say little and only ratios compare**' : '';
  return [
    `${new Date(systemClock.wallMs()).toISOString().slice(0, 10)}, commit ${commit()}`,
    `${cpus().length} cores (${cpu?.model.trim() ?? 'unknown'}), ${(totalmem() / 1e9).toFixed(0)} GB, Linux ${release()}`,
    `Node ${process.versions.node}, ${redisVersion()}, Fastify ${readVersion('fastify')}, BullMQ ${readVersion('bullmq')}, autocannon ${readVersion('autocannon')}`,
    `Load average before the run ${load.toFixed(1)}${busy}`,
    'Load generator, fakes, Redis, and what is measured share these cores.',
  ];
}

/** `Redis 7.0.15` or `Valkey 8.1.1`. */
function redisVersion(): string {
  const output = execFileSync(redisProgram(), ['--version'], { encoding: 'utf8' });
  const [, name = 'Redis', version = 'unknown'] = /^(\w+) server v=(\S+)/.exec(output) ?? [];
  return `${name} ${version}`;
}

function commit(): string {
  return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8', cwd: import.meta.dirname }).trim();
}

function readVersion(name: string): string {
  const file = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(file, 'utf8'))).version;
}
