import type { IncomingHttpHeaders } from 'node:http';
import { HttpError } from '@shopee-webhook/runtime';
import type { FastifyRequest } from 'fastify';
import type { Login, SessionInfo } from './login.ts';

declare module '@fastify/secure-session' {
  interface SessionData extends SessionInfo {}
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Throws 403 for a change that another site's page asks the browser for. */
export function rejectCrossOrigin(request: FastifyRequest): void {
  if (safeMethods.has(request.method) || isSameOrigin(request.headers)) return;
  throw new HttpError(403, 'foreign_origin', 'changes are only taken from the dashboard itself');
}

/** Browsers say in Sec-Fetch-Site where a request comes from, older ones in Origin; no page can forge either. */
function isSameOrigin(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const { origin, host } = headers;
  if (origin === undefined || host === undefined || !URL.canParse(origin)) return false;
  return new URL(origin).host === host.toLowerCase();
}

/** Throws 401 for a request without a session that is still good. */
export function requireSession(request: FastifyRequest, login: Login): void {
  const session = readSession(request);
  if (login.isValid(session)) {
    const at = login.renewedAt(session);
    if (at !== undefined) request.session.set('at', at);
    return;
  }
  throw new HttpError(401, 'login_required', 'log in first');
}

/** What the request's cookie says; empty when there is none, or it is not ours. */
export function readSession({ session }: FastifyRequest): Partial<SessionInfo> {
  return session.data() ?? {};
}

/**
 * Whose tries are counted together. Behind a proxy on this machine or in its private network it is whom the proxy names:
 * the last entry, which the proxy itself wrote.
 */
export function clientAddress({ ip, headers }: FastifyRequest): string {
  const forwarded = [headers['x-forwarded-for']].flat().at(-1);
  const last = forwarded?.split(',').at(-1)?.trim();
  return last !== undefined && last !== '' && isPrivate(ip) ? last.slice(0, 60) : ip;
}

/** Whether the browser speaks HTTPS, if only as far as a proxy. */
export function isHttps({ protocol, headers }: FastifyRequest): boolean {
  const [first] = [headers['x-forwarded-proto']].flat();
  return protocol === 'https' || first?.split(',')[0]?.trim() === 'https';
}

function isPrivate(ip: string): boolean {
  const address = ip.replace(/^::ffff:/, '');
  return /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|::1$|f[cd]|fe80:)/i.test(address);
}
