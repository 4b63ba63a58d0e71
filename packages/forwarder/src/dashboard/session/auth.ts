import type { IncomingHttpHeaders } from 'node:http';
import { HttpError } from '@shopee-webhook/runtime';
import type { FastifyRequest } from 'fastify';
import type { Login, SessionInfo } from './login.ts';

declare module '@fastify/secure-session' {
  interface SessionData extends SessionInfo {}
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Throws 403 for a change that another site's page makes the browser send. */
export function rejectCrossOrigin(request: FastifyRequest): void {
  if (safeMethods.has(request.method) || isSameOrigin(request.headers)) return;
  throw new HttpError(403, 'cross_origin', 'cross-origin request rejected');
}

/** Browsers send Sec-Fetch-Site, older ones Origin; no page can forge either. */
function isSameOrigin(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const { origin, host } = headers;
  if (origin === undefined || host === undefined || !URL.canParse(origin)) return false;
  return new URL(origin).host === host.toLowerCase();
}

/** Throws 401 for a request without a valid session. */
export function requireSession(request: FastifyRequest, login: Login): void {
  const session = readSession(request);
  if (login.isValid(session)) {
    const at = login.renewedAt(session);
    if (at !== undefined) request.session.set('at', at);
    return;
  }
  throw new HttpError(401, 'login_required', 'log in first');
}

/** The session in the request's cookie; empty when there is none, or it is not ours. */
export function readSession({ session }: FastifyRequest): Partial<SessionInfo> {
  return session.data() ?? {};
}

/** Whose login attempts are counted together: an address, or the /64 network that one IPv6 customer has. */
export function clientAddress({ ip }: Pick<FastifyRequest, 'ip'>): string {
  const address = ip.replace(/^::ffff:(?=\d+\.)/, '');
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('%', 1)[0]?.split('::', 2) ?? [];
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  const groups = [...left, ...zeros, ...right].slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''));
  return `${groups.join(':').toLowerCase()}::/64`;
}

/** Whether the browser uses HTTPS, if only up to a trusted proxy. */
export function isHttps({ protocol }: Pick<FastifyRequest, 'protocol'>): boolean {
  return protocol === 'https';
}
