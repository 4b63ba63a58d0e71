import { createServer } from 'node:net';
import { once } from 'node:events';
import { freePort } from '../processes/redis-server.ts';

/** The port, or a free one when somebody listens there already. */
export async function portOrFree(preferred: number): Promise<number> {
  const server = createServer().listen(preferred, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES')) {
      return freePort();
    }
    throw error;
  }
  server.close();
  await once(server, 'close');
  return preferred;
}
