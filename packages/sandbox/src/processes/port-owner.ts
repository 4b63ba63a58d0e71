import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { basename } from 'node:path';

/** Throws `port … is taken by …` when another program listens there. */
export async function assertPortFree(port: number, host: string): Promise<void> {
  const server = createServer().listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    throw new Error(`port ${port} is taken by ${ownerOfPort(port) ?? 'another program (sudo ss -ltnp shows which)'}`, {
      cause: error,
    });
  }
  server.close();
  await once(server, 'close');
}

/** `node server.js (pid 12)`, the program that listens on a TCP port; undefined where the system does not tell us. */
export function ownerOfPort(port: number): string | undefined {
  const inode = socketOf(port);
  if (inode === undefined) return undefined;
  for (const pid of list('/proc').filter((name) => /^\d+$/.test(name))) {
    if (!list(`/proc/${pid}/fd`).some((fd) => linkOf(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`)) continue;
    return `${programOf(pid)} (pid ${pid})`;
  }
  return undefined;
}

/** The program and what it runs, without its options: they may hold secrets. */
function programOf(pid: string): string {
  const [program = '', script = '-'] = read(`/proc/${pid}/cmdline`).split('\0');
  return script.startsWith('-') || script === '' ? basename(program) : `${basename(program)} ${script}`;
}

/** The inode of the listening socket: the tenth field of its line in /proc/net/tcp, where state 0A is LISTEN. */
function socketOf(port: number): string | undefined {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = `${read('/proc/net/tcp')}\n${read('/proc/net/tcp6')}`
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  return lines.find(([, address = '', , state]) => address.endsWith(suffix) && state === '0A')?.[9];
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // Not Linux, another user's process, or one that has ended.
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
