import { readFileSync } from 'node:fs';
import type { FastifyRequest } from 'fastify';

/** The host of a container, as it appears to the container: the gateway of its network. */
const gateway = readGateway();

/** Whether a request comes from this machine itself, and through no proxy. */
export function isLocal({ socket, headers }: Pick<FastifyRequest, 'socket' | 'headers'>): boolean {
  if (headers['x-forwarded-for'] !== undefined || headers['forwarded'] !== undefined) return false;
  const address = socket.remoteAddress?.replace(/^::ffff:/, '') ?? '';
  return address.startsWith('127.') || address === '::1' || address === gateway;
}

/** Undefined where there is no /proc, or no network. */
function readGateway(): string | undefined {
  try {
    return parseGateway(readFileSync('/proc/net/route', 'utf8'));
  } catch {
    // Not Linux: loopback is local all the same.
    return undefined;
  }
}

/** The default route's gateway: eight hex digits, the last byte first. */
export function parseGateway(table: string): string | undefined {
  const [, hex] = /^\S+\s+00000000\s+([0-9A-F]{8})\s/m.exec(table) ?? [];
  return hex === undefined ? undefined : Buffer.from(hex, 'hex').toReversed().join('.');
}
