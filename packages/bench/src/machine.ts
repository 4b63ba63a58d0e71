import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';

/** What the figures were taken on, one fact a line. */
export function describeMachine(): string[] {
  const [cpu] = cpus();
  const redis = /v=(\S+)/.exec(execFileSync('redis-server', ['--version'], { encoding: 'utf8' }))?.[1] ?? 'unknown';
  return [
    `${new Date().toISOString().slice(0, 10)}, commit ${commit()}`,
    `${cpus().length} cores (${cpu?.model.trim() ?? 'unknown'}), ${(totalmem() / 1e9).toFixed(0)} GB, Linux ${release()}`,
    `Node ${process.versions.node}, Redis ${redis}, Fastify ${versionOf('fastify')}, BullMQ ${versionOf('bullmq')}, autocannon ${versionOf('autocannon')}`,
    'Load generator, stand-ins, Redis, and what is measured share these cores: on a machine of its own each has more.',
  ];
}

function commit(): string {
  return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8', cwd: import.meta.dirname }).trim();
}

function versionOf(name: string): string {
  const file = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
