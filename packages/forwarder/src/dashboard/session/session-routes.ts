import rateLimit from '@fastify/rate-limit';
import { errorBody, HttpError, type HttpServer } from '@shopee-webhook/runtime';
import type { FastifyRequest } from 'fastify';
import { Login as LoginBody, Session } from '@shopee-webhook/contracts/dashboard-api';
import { clientAddress, isHttps, readSession } from './auth.ts';
import type { Login } from './login.ts';

export interface SessionRoutesOptions {
  login: Login;
  /** PUBLIC_URL is https: the cookie never goes over http. */
  alwaysSecure: boolean;
  version: string;
}

const maxTriesPerMinute = 5;
const deviceCookie = 'shopee_webhook_device';
const deviceDays = 365;

/** GET /api/session, POST /api/login, POST /api/logout: the only routes under /api that need no session. */
export async function sessionRoutes(app: HttpServer, options: SessionRoutesOptions): Promise<void> {
  const { login } = options;
  const knownDevice = ({ cookies }: FastifyRequest) => {
    const id = login.verifyDevice(cookies[deviceCookie]);
    return id && `device ${id}`;
  };
  await app.register(rateLimit, { global: false });
  const tags = ['dashboard'];

  const current = { tags, summary: 'Whether this browser is logged in', response: { 200: Session } };
  app.get('/session', { schema: current }, async (request) => toSession(request, options));

  const logIn = {
    tags,
    summary: 'Log in',
    description: `${String(maxTriesPerMinute)} tries a minute for an address, and for a browser that logged in before.`,
    body: LoginBody,
    response: { 200: Session, 401: errorBody, 403: errorBody, 429: errorBody },
  };
  const limit = {
    max: maxTriesPerMinute,
    timeWindow: '1 minute',
    keyGenerator: (request: FastifyRequest) => knownDevice(request) ?? clientAddress(request),
    errorResponseBuilder: (_request: FastifyRequest, { ttl }: { ttl: number }) => tooMany(ttl),
  };
  app.post('/login', { schema: logIn, config: { rateLimit: limit } }, async (request, reply) => {
    const device = knownDevice(request);
    const result = await login.check(request.body.password, { isKnown: device !== undefined });
    if (result === 'busy') {
      reply.header('retry-after', '10');
      throw tooMany(10_000);
    }
    if (result === 'wrong') {
      request.log.warn({ from: clientAddress(request) }, 'wrong dashboard password');
      throw new HttpError(401, 'wrong_password', 'wrong password');
    }
    request.session.regenerate();
    const { id, at } = login.createSession();
    request.session.set('id', id);
    request.session.set('at', at);
    const secure = options.alwaysSecure || isHttps(request);
    request.session.options({ secure });
    if (device === undefined) {
      const maxAge = deviceDays * 24 * 3600;
      const cookie = { path: '/api/login', httpOnly: true, sameSite: 'strict', secure, maxAge } as const;
      reply.setCookie(deviceCookie, login.createDevice(), cookie);
    }
    return toSession(request, options);
  });

  const logOut = { tags, summary: 'Log out', response: { 200: Session } };
  app.post('/logout', { schema: logOut }, async (request) => {
    await login.revoke(readSession(request));
    request.session.delete();
    return { ...toSession(request, options), authenticated: false };
  });
}

function toSession(request: FastifyRequest, { login, version }: SessionRoutesOptions) {
  return { authenticated: login.isValid(readSession(request)), passwordGenerated: login.passwordGenerated, version };
}

function tooMany(ms: number): HttpError {
  const seconds = String(Math.ceil(ms / 1000));
  return new HttpError(429, 'too_many_tries', `too many tries: wait ${seconds} s`);
}
