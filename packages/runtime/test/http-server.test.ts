import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  createHttpServer,
  createLogger,
  createRegistry,
  HealthChecks,
  HttpError,
  type HealthState,
} from '../src/index.ts';

let redis: HealthState = { status: 'ok' };
const health = new HealthChecks();
health.register('redis', () => redis);
const app = await createHttpServer({
  name: 'test service',
  logger: createLogger({ name: 'test', level: 'silent' }),
  registry: createRegistry(),
  health,
  about: () => ({ version: '1.2.3' }),
});
app.post(
  '/sum',
  { schema: { body: z.object({ a: z.number() }), response: { 200: z.object({ sum: z.number() }) } } },
  async (request) => ({
    sum: request.body.a + 1,
  }),
);
app.get('/crash', async () => {
  throw new Error('password is hunter2');
});
app.get('/teapot', async () => {
  throw new HttpError(418, 'teapot', 'short and stout');
});
app.get('/down', async () => {
  throw new HttpError(503, 'redis_unavailable', 'Redis is unavailable: try again');
});
afterAll(() => app.close());

describe('createHttpServer', () => {
  test('answers /health with 200 or 503 and the failing check, /health/live always with 200', async () => {
    expect((await app.inject('/health')).json()).toMatchObject({ status: 'ok', about: { version: '1.2.3' } });
    redis = { status: 'failing', detail: 'away', action: 'start it' };
    const response = await app.inject('/health');
    expect(response.statusCode).toBe(503);
    expect(response.json()).toMatchObject({
      checks: { redis: { status: 'failing', detail: 'away', action: 'start it' } },
    });
    expect((await app.inject('/health/live')).statusCode).toBe(200);
  });

  test('answers /metrics in the text format of Prometheus', async () => {
    const response = await app.inject('/metrics');
    expect(response.headers['content-type']).toContain('text/plain');
    expect(response.body).toContain('nodejs_eventloop_lag_p99_seconds');
  });

  test('describes its routes at /docs', async () => {
    expect((await app.inject('/docs/')).body).toContain('swagger');
    const description = (await app.inject('/docs/json')).json<{ paths: Record<string, unknown> }>();
    expect(Object.keys(description.paths)).toEqual(expect.arrayContaining(['/health', '/metrics', '/sum']));
  });

  test('says what is wrong with a bad request', async () => {
    const response = await app.inject({ method: 'POST', url: '/sum', payload: { a: 'x' } });
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({
      message: expect.stringContaining('a') as unknown,
      requestId: expect.any(String) as unknown,
    });
  });

  test('hides what a 500 is about', async () => {
    const response = await app.inject('/crash');
    expect(response.statusCode).toBe(500);
    expect(response.body).not.toContain('hunter2');
    expect(response.json()).toMatchObject({ error: 'internal_server_error' });
  });

  test('answers all errors in one shape', async () => {
    expect((await app.inject('/teapot')).json()).toMatchObject({ error: 'teapot', message: 'short and stout' });
    const down = await app.inject('/down');
    expect(down.statusCode).toBe(503);
    expect(down.json()).toMatchObject({ error: 'redis_unavailable', message: 'Redis is unavailable: try again' });
    const missing = await app.inject('/nowhere');
    expect(missing.statusCode).toBe(404);
    expect(missing.json()).toMatchObject({ error: 'not_found' });
  });

  test('takes over a plain request id and replaces any other', async () => {
    const given = await app.inject({ url: '/health/live', headers: { 'x-request-id': 'abc-1' } });
    expect(given.headers['x-request-id']).toBe('abc-1');
    const forged = await app.inject({ url: '/health/live', headers: { 'x-request-id': '"}{"' } });
    expect(forged.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});
