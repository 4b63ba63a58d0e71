import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createLogger, flushErrorReports } from '../src/logging/logger.ts';
import { loadErrorReporter } from '../src/logging/error-reporting.ts';

interface Event {
  level: string;
  environment: string;
  logentry: { formatted: string };
  exception: { values: { type: string; value: string; stacktrace: { frames: { filename: string }[] } }[] };
  extra: Record<string, unknown>;
}

/** Envelopes that came, as text, and what came with them. */
let envelopes: { body: string; url: string; auth: string }[] = [];
let reply = { status: 200, headers: {} as Record<string, string> };
const take = async (request: IncomingMessage, response: ServerResponse) => {
  envelopes.push({ body: await text(request), url: request.url ?? '', auth: String(request.headers['x-sentry-auth']) });
  response.writeHead(reply.status, reply.headers).end('{}');
};
const server = createServer((request, response) => void take(request, response));
let dsn: string;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  dsn = `http://public-key@127.0.0.1:${String((server.address() as AddressInfo).port)}/below/42`;
});
afterAll(() => server.close());
beforeEach(() => {
  envelopes = [];
  reply = { status: 200, headers: {} };
});

async function reporting(secrets: string[] = []) {
  const errorReporter = await loadErrorReporter({ dsn, environment: 'test' }, 'worker');
  const logger = createLogger({
    name: 'worker',
    level: 'info',
    secrets,
    errorReporter,
    destination: { write: () => undefined },
  });
  return {
    logger,
    events: async () => (await flushErrorReports(logger, 5_000), envelopes.map(({ body }) => eventOf(body))),
  };
}

function eventOf(envelope: string): Event {
  const [, , event = '{}'] = envelope.split('\n');
  return JSON.parse(event) as Event;
}

describe('with SENTRY_DSN', () => {
  test('an error is sent with its causes and where it came from', async () => {
    const { logger, events } = await reporting();
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    logger.error({ err: new TypeError('not written', { cause }), id: 'm1', shop: '700000001' }, 'delivery settled');
    const [event] = await events();
    expect(envelopes[0]).toMatchObject({
      url: '/below/api/42/envelope/',
      auth: expect.stringContaining('sentry_key=public-key'),
    });
    expect(event).toMatchObject({
      level: 'error',
      environment: 'test',
      logentry: { formatted: 'delivery settled' },
      extra: { id: 'm1', shop: '700000001' },
    });
    expect(event?.exception.values.map(({ type, value }) => `${type}: ${value}`)).toEqual([
      'Error: connect ECONNREFUSED',
      'TypeError: not written',
    ]);
    expect(event?.exception.values[1]?.stacktrace.frames.at(-1)?.filename).toContain('sentry.test.ts');
  });

  test('no secret and no buyer’s value is in it', async () => {
    const { logger, events } = await reporting(['shpk-secret-of-the-app']);
    const buyer = { username: 'buyer_one', phone: '+6591234567', address: '1 Example Road' };
    const quoted = `Invalid value: "${buyer.username}"`;
    logger.error(
      {
        err: new Error(`${quoted} for key shpk-secret-of-the-app`),
        error: quoted,
        detail: quoted,
        buyer,
        recipient_address: buyer.address,
        payload: { buyer },
        anything: buyer.phone,
        id: 'm2',
      },
      'failed',
    );
    const [event] = await events();
    expect(event?.extra).toEqual({ id: 'm2' });
    const all = envelopes.map(({ body }) => body).join('');
    for (const secret of [...Object.values(buyer), 'shpk-secret-of-the-app']) expect(all).not.toContain(secret);
  });

  test('the same error is sent once a minute, lines below error never, and silence is kept when asked for', async () => {
    const { logger, events } = await reporting();
    for (let count = 0; count < 5; count += 1) logger.error({ err: new Error('again') }, 'failed');
    logger.warn({ err: new Error('harmless') }, 'warned');
    expect(await events()).toHaveLength(1);
    reply = { status: 429, headers: { 'retry-after': '60' } };
    logger.error({ err: new Error('one more') }, 'failed');
    await events();
    logger.error({ err: new Error('too much') }, 'failed');
    expect(await events()).toHaveLength(2);
  });

  test('the error that ends a process is sent before its end', async () => {
    const dir = mkdtempSync(`${tmpdir()}/shopee-webhook-runtime-`);
    const main = new URL('../../forwarder/src/main.ts', import.meta.url).pathname;
    const env = {
      PATH: process.env['PATH'],
      SENTRY_DSN: dsn,
      PARTNER_ID: '1',
      PARTNER_KEY: 'shpk-secret-of-the-app',
      WEBHOOK_PARTNER_KEY: 'push-secret-of-the-app',
      FORWARD_WEBHOOK_URL: 'http://127.0.0.1:1/webhook/process',
      REDIS_ENABLED: 'false',
      HOST: '127.0.0.1',
      // Taken: by the one that takes the report.
      FORWARDER_PORT: new URL(dsn).port,
      DATA_DIR: dir,
      LOG_DIR: dir,
    };
    const child = spawn(process.execPath, [main], { env, stdio: 'ignore' });
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(1);
    const event = eventOf(envelopes[0]?.body ?? '');
    expect(event).toMatchObject({ level: 'fatal', logentry: { formatted: 'could not start' } });
    expect(event.exception.values[0]?.value).toContain('EADDRINUSE');
    expect(envelopes[0]?.body).not.toContain('secret-of-the-app');
  });
});
