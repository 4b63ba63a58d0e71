import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ChildReaper } from './child-reaper.ts';
import { redisProgram } from './redis-program.ts';

/** A real Redis or Valkey of our own, run with the project's redis.conf. */
export interface RedisServer {
  port: number;
  /** The folder of its append-only file and snapshot. */
  dir: string;
  process: ChildProcess;
  /** Stops it in order (SIGTERM) and waits until it is gone. */
  close(): Promise<void>;
  /** kill −9, and waits until it is gone. */
  kill(): Promise<void>;
}

export interface RedisServerOptions {
  dir: string;
  /** A free one when left out. */
  port?: number;
  /** Further options, which win over redis.conf: `['--maxmemory', '20mb']`. */
  args?: string[];
  /** Puts it into a process group of its own, so that Ctrl-C in the terminal does not reach it, and ends it if we die. */
  reaper?: ChildReaper;
}

const conf = fileURLToPath(new URL('../../../../redis.conf', import.meta.url));

/** A port that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}

/** Starts Redis on loopback with its data in `dir`, and resolves when it answers. Throws when the machine has none. */
export async function startRedis(options: RedisServerOptions): Promise<RedisServer> {
  const { dir, args = [], reaper } = options;
  const port = options.port ?? (await freePort());
  mkdirSync(dir, { recursive: true });
  // A copy: Sentinel and CONFIG REWRITE make Redis write into the file that it was started with.
  const ownConf = join(dir, 'redis.conf');
  copyFileSync(conf, ownConf);
  const child = spawn(
    redisProgram(),
    [ownConf, '--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--daemonize', 'no', ...args],
    { stdio: ['ignore', 'pipe', 'inherit'], detached: reaper !== undefined },
  );
  reaper?.watch(child);
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  };
  await ready(child);
  return { port, dir, process: child, close: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

/** Resolves at Redis' own word that it is ready; rejects with its last lines when it ends before. */
async function ready(child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let log = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      // Kept only until it is ready; afterwards the lines are read and dropped, so that the pipe never fills.
      if (log.length < 20_000) log += chunk.toString();
      if (log.includes('Ready to accept connections')) resolve();
    });
    child.once('error', (cause) => reject(new Error('Redis could not be started', { cause })));
    child.once('exit', () => reject(new Error(`Redis ended before it was ready:\n${log.slice(-2000)}`)));
  });
}
