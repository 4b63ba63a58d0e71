import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { parsePush } from '@shopee-webhook/shopee';
import { ActivityLog, parseMessage, type RedisConnection } from '@shopee-webhook/store';
import { afterAll, beforeAll, describe, expect, inject as provided, test, vi } from 'vitest';
import { sampleBytes, sampleNames } from '../../shopee/test/samples.ts';
import {
  callbackUrl,
  environment,
  inject,
  orderPush,
  partnerKey,
  pushKey,
  redisOf,
  runForwarder,
  sign,
  type TestForwarder,
} from './helpers.ts';

let parts: TestForwarder;
let redis: RedisConnection;
let activity: ActivityLog;

beforeAll(async () => {
  redis = redisOf(provided('redisPort'));
  parts = await runForwarder(environment(provided('redisPort')));
  activity = new ActivityLog({ redis, keys: parts.keys });
});
afterAll(async () => {
  await parts.forwarder.stop();
  redis.disconnect();
});

async function queued() {
  const raws = await redis.lrange(parts.keys.webhooks.main, 0, -1);
  return raws.map((raw) => parseMessage(raw));
}

describe('the 53 sample pushes, signed byte for byte', () => {
  const names = sampleNames('push');

  test('there are 53', () => expect(names).toHaveLength(53));

  test.each(names)('%s is answered 200 with an empty body and takes the right path', async (name) => {
    const body = sampleBytes(`push/${name}`);
    const before = await queued();
    const response = await inject(parts.forwarder, body);
    expect(response.statusCode).toBe(200);
    expect(response.rawPayload).toHaveLength(0);
    expect(response.headers['content-length']).toBe('0');
    expect(response.headers).not.toHaveProperty('content-type');

    const added = (await queued()).slice(0, -before.length || undefined);
    const queues = name !== '00-verification.json';
    const text = Buffer.from(body).toString('utf8');
    expect(added.map(({ payloadText }) => payloadText)).toEqual(queues ? [text] : []);
    expect(added.map(({ metadata }) => metadata)).toMatchObject(
      queues ? [{ source: 'push', retry_count: 0, max_retries: 3 }] : [],
    );
    const [step] = await activity.listLatest(1);
    expect(step ?? {}).toMatchObject(queues ? { id: added[0]?.id, step: 'queued', code: parsePush(body).code } : {});
  });
});

describe('POST /webhook/shopee', () => {
  test('the verification push gets a 200 unsigned and is not queued', async () => {
    const before = await redis.llen(parts.keys.webhooks.main);
    const response = await inject(parts.forwarder, sampleBytes('push/00-verification.json'), { authorization: '' });
    expect([response.statusCode, response.body]).toEqual([200, '']);
    expect(await redis.llen(parts.keys.webhooks.main)).toBe(before);
  });

  test('code 0 without verify_info needs a signature', async () => {
    expect((await inject(parts.forwarder, '{"code":0,"data":{}}', { authorization: '' })).statusCode).toBe(401);
  });

  test.each([
    ['none', undefined],
    ['of another key', sign(orderPush('A'), { key: 'other' })],
    ['of another URL', sign(orderPush('A'), { url: 'https://other.example/webhook/shopee' })],
    ['of the body alone', 'a'.repeat(64)],
    ['with a scheme word', `SHA256 ${sign(orderPush('A'))}`],
    ['cut short', sign(orderPush('A')).slice(0, 63)],
    ['not hex', 'z'.repeat(64)],
  ])('a signature %s gets a 401, which says nothing', async (_, authorization) => {
    const response = await parts.forwarder.app.inject({
      method: 'POST',
      url: '/webhook/shopee',
      headers: authorization === undefined ? {} : { authorization },
      payload: orderPush('A'),
    });
    expect([response.statusCode, response.body]).toEqual([401, '']);
  });

  test.each(['', 'not json', '[]', '{"code":"3"}', '{}', Buffer.from([0xff, 0xfe])])(
    'signed bytes that are no push get a 400 (%#)',
    async (body) => {
      const response = await inject(parts.forwarder, body);
      expect([response.statusCode, response.body]).toEqual([400, '']);
    },
  );

  test('unsigned garbage gets a 401, not a 400', async () => {
    expect((await inject(parts.forwarder, 'garbage', { authorization: '' })).statusCode).toBe(401);
  });

  test('more than 1 MiB gets a 413, or a 401 without a signature; 1 MiB is accepted', async () => {
    const filled = (bytes: number) => {
      const body = orderPush(`BIG${randomUUID()}`);
      return body.replace('"items":[]', `"items":["${'x'.repeat(bytes - body.length - 2)}"]`);
    };
    expect(Buffer.byteLength(filled(1024 * 1024))).toBe(1024 * 1024);
    expect((await inject(parts.forwarder, filled(1024 * 1024))).statusCode).toBe(200);
    const tooLarge = await inject(parts.forwarder, filled(1024 * 1024 + 1));
    expect([tooLarge.statusCode, tooLarge.body]).toEqual([413, '']);
    expect((await inject(parts.forwarder, filled(1024 * 1024 + 1), { authorization: '' })).statusCode).toBe(401);
    const payload = Readable.from([filled(1024 * 1024 + 1)]);
    const headers = { authorization: 'f'.repeat(64) };
    const unannounced = await parts.forwarder.app.inject({ method: 'POST', url: '/webhook/shopee', headers, payload });
    expect(unannounced.statusCode).toBe(413);
    await redis.ltrim(parts.keys.webhooks.main, 1, -1);
  });

  test('a repeat, also with another timestamp, is acknowledged and not queued again', async () => {
    const body = orderPush('REPEAT');
    await inject(parts.forwarder, body);
    const before = await redis.llen(parts.keys.webhooks.main);
    expect((await inject(parts.forwarder, body)).statusCode).toBe(200);
    expect((await inject(parts.forwarder, body.replace('1788220801', '1788221101'))).statusCode).toBe(200);
    expect(await redis.llen(parts.keys.webhooks.main)).toBe(before);
    expect((await inject(parts.forwarder, orderPush('REPEAT', 'SHIPPED'))).statusCode).toBe(200);
    expect(await redis.llen(parts.keys.webhooks.main)).toBe(before + 1);
  });

  test('the API key is tried after the push key', async () => {
    const body = orderPush('KEY2');
    const response = await inject(parts.forwarder, body, { authorization: sign(body, { key: partnerKey }) });
    expect(response.statusCode).toBe(200);
    const matches = parts.log.lines.filter(({ msg }) => msg === 'push signature matched');
    expect(matches.map(({ keyIndex, matchedKey }) => [keyIndex, matchedKey])).toEqual([
      [0, 'WEBHOOK_PARTNER_KEY number 1'],
      [1, 'PARTNER_KEY'],
    ]);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'nonsense', ''])(
    'the content type %o makes no difference',
    async (type) => {
      const body = orderPush(`TYPE${type}`);
      expect((await inject(parts.forwarder, body, { 'content-type': type })).statusCode).toBe(200);
    },
  );

  test('a trailing slash is not redirected; other methods find nothing', async () => {
    const body = orderPush('SLASH');
    const headers = { authorization: sign(body) };
    const slash = await parts.forwarder.app.inject({ method: 'POST', url: '/webhook/shopee/', headers, payload: body });
    expect(slash.statusCode).toBe(200);
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE'] as const) {
      expect((await parts.forwarder.app.inject({ method, url: '/webhook/shopee' })).statusCode).toBe(404);
    }
  });

  test('a body that breaks off is no crash and nothing queued', async () => {
    const before = await redis.llen(parts.keys.webhooks.main);
    const { hostname, port } = new URL(parts.forwarder.url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write('POST /webhook/shopee HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"code":3');
    socket.destroySoon();
    await once(socket, 'close');
    expect((await parts.forwarder.app.inject('/health')).statusCode).toBe(200);
    expect(await redis.llen(parts.keys.webhooks.main)).toBe(before);
  });

  test('every event is a line of the day file, and rejected pushes are recorded with their reason', async () => {
    const body = orderPush('LOGGED').replace('{"data"', '{\n "data"');
    expect((await inject(parts.forwarder, body)).statusCode).toBe(200);
    const day = new Date().toISOString().slice(0, 10);
    const path = join(parts.config.logDir, `webhook_events_${day}.json`);
    await vi.waitFor(async () => {
      const lines = (await readFile(path, 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { id: string; push: unknown });
      expect(lines.map(({ push }) => push)).toContainEqual(JSON.parse(body));
      const ids = (await queued()).map(({ id }) => id);
      expect(ids.filter((id) => !lines.some((line) => line.id === id))).toEqual([]);
      expect(new Set(lines.map(({ id }) => id)).size).toBe(lines.length);
    }, 10_000);
    await parts.forwarder.stop();
    const rejected = await readFile(join(parts.config.dataDir, 'rejected.json'), 'utf8');
    expect(rejected).not.toContain(pushKey);
    const { last, unsigned } = JSON.parse(rejected) as {
      last: { reason: string; detail?: string; urlsTried: string[] }[];
      unsigned: { last: { reason: string }[] };
    };
    expect(new Set(last.map(({ reason }) => reason))).toEqual(
      new Set(['wrong-signature', 'not-a-push', 'too-large', 'unreadable']),
    );
    expect(new Set(unsigned.last.map(({ reason }) => reason))).toEqual(new Set(['no-signature']));
    expect(last.filter(({ reason }) => reason === 'too-large').map(({ detail }) => detail)).toEqual([
      'larger than 1 MiB: 1048577 bytes',
      'larger than 1 MiB',
    ]);
    expect(last.find(({ reason }) => reason === 'wrong-signature')?.urlsTried).toEqual([callbackUrl]);
  });
});
