import rateLimit from '@fastify/rate-limit';
import { errorBody, HttpError, type HttpServer } from '@shopee-webhook/runtime';
import type { FastifyRequest } from 'fastify';
import { Login as LoginBody, Session } from '../api-types.ts';
import { addressOf, isHttps, sessionOf } from '../guard.ts';
import type { Login } from '../login.ts';

export interface SessionRoutesOptions {
  login: Login;
  /** PUBLIC_URL is https: the cookie never goes over http. */
  alwaysSecure: boolean;
  version: string;
}

const triesAMinute = 5;

/** GET /api/session, POST /api/login, POST /api/logout: the only ones under /api that need no session. */
export async function sessionRoutes(app: HttpServer, options: SessionRoutesOptions): Promise<void> {
  const { login } = options;
  await app.register(rateLimit, { global: false });
  const tags = ['dashboard'];

  const current = { tags, summary: 'Whether this browser is logged in', response: { 200: Session } };
  app.get('/session', { schema: current }, async (request) => stateOf(request, options));

  const enter = {
    tags,
    summary: 'Log in',
    description: `${String(triesAMinute)} tries a minute for an address.`,
    body: LoginBody,
    response: { 200: Session, 401: errorBody, 403: errorBody, 429: errorBody },
  };
  const limit = {
    max: triesAMinute,
    timeWindow: '1 minute',
    keyGenerator: addressOf,
    errorResponseBuilder: (_request: FastifyRequest, { ttl }: { ttl: number }) => tooMany(ttl),
  };
  app.post('/login', { schema: enter, config: { rateLimit: limit } }, async (request, reply) => {
    const result = await login.check(request.body.password);
    if (result === 'busy') {
      reply.header('retry-after', '10');
      throw tooMany(10_000);
    }
    if (result === 'wrong') {
      request.log.warn({ from: addressOf(request) }, 'wrong dashboard password');
      throw new HttpError(401, 'wrong_password', 'this is not the password');
    }
    request.session.regenerate();
    const { id, fingerprint, at } = login.newSession();
    request.session.set('id', id);
    request.session.set('fingerprint', fingerprint);
    request.session.set('at', at);
    request.session.options({ secure: options.alwaysSecure || isHttps(request) });
    return stateOf(request, options);
  });

  const leave = { tags, summary: 'Log out', response: { 200: Session } };
  app.post('/logout', { schema: leave }, async (request) => {
    await login.end(sessionOf(request));
    request.session.delete();
    return { ...stateOf(request, options), authenticated: false };
  });
}

function stateOf(request: FastifyRequest, { login, version }: SessionRoutesOptions) {
  return { authenticated: login.isOpen(sessionOf(request)), passwordMade: login.made, version };
}

function tooMany(ms: number): HttpError {
  const seconds = String(Math.ceil(ms / 1000));
  return new HttpError(429, 'too_many_tries', `too many tries: wait ${seconds} s`);
}
