import { mkdirSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { join, relative } from 'node:path';

/** Two runs over one folder would give it two Redis servers. */
export class AlreadyRunningError extends Error {
  override name = 'AlreadyRunningError';
}

/**
 * Holds the folder for this run by listening on a socket in it: the lock of a process that was killed is free at once.
 * Throws AlreadyRunningError when another run holds it.
 */
export async function lockFolder(dir: string): Promise<() => void> {
  mkdirSync(dir, { recursive: true });
  const full = join(dir, 'run.sock');
  // A socket's path may have about a hundred characters, so the shorter form is taken.
  const short = relative(process.cwd(), full);
  const path = short.length < full.length ? short : full;
  if (await isListening(path)) throw new AlreadyRunningError(`another run uses ${dir}: stop that one first`);
  rmSync(path, { force: true });
  const server = createServer((socket) => socket.destroy()).listen(path);
  await once(server, 'listening');
  server.unref();
  return () => server.close();
}

async function isListening(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false; // no such file, or nobody behind it
  } finally {
    socket.destroy();
  }
}
