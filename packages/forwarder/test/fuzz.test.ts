import * as fc from 'fast-check';
import type { RedisConnection } from '@shopee-webhook/store';
import { afterAll, beforeAll, describe, expect, inject as provided, test } from 'vitest';
import { sampleBytes, sampleNames } from '../../shopee/test/samples.ts';
import { environment, redisOf, runForwarder, sign, type TestForwarder } from './helpers.ts';

let parts: TestForwarder;
let redis: RedisConnection;

beforeAll(async () => {
  redis = redisOf(provided('redisPort'));
  parts = await runForwarder(environment(provided('redisPort')));
});
afterAll(async () => {
  await parts.forwarder.stop();
  redis.disconnect();
});

const samples = sampleNames('push')
  .filter((name) => !name.startsWith('00-'))
  .map((name) => sampleBytes(`push/${name}`));

/** A sample with some bytes changed, cut off or put in. */
const mutated = fc
  .record({
    sample: fc.constantFrom(...samples),
    edits: fc.array(
      fc.record({
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        remove: fc.nat(4),
        add: fc.uint8Array({ maxLength: 4 }),
      }),
      {
        minLength: 1,
        maxLength: 5,
      },
    ),
  })
  .map(({ sample, edits }) =>
    edits.reduce((bytes, { at, remove, add }) => {
      const place = Math.floor(at * bytes.length);
      return Buffer.concat([bytes.subarray(0, place), add, bytes.subarray(place + remove)]);
    }, Buffer.from(sample)),
  );

const random = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.json().map((text) => Buffer.from(text)),
  fc.json().map((text) => Buffer.from(`{"code":3,"data":${text}}`)),
  fc.nat(200).map((depth) => Buffer.from(`${'{"code":3,"data":'.repeat(depth)}1${'}'.repeat(depth)}`)),
);

const authorization = fc.oneof(
  fc.constant(undefined),
  fc.string(),
  fc.stringMatching(/^[0-9a-f]{64}$/),
  // Signed, but for another body.
  fc.constantFrom(...samples).map((sample) => sign(sample)),
);

const contentType = fc.constantFrom(
  undefined,
  'application/json',
  'text/plain',
  'nonsense;;',
  'application/json; charset=utf-16',
);

interface Sent {
  body: Buffer;
  authorization: string | undefined;
  contentType: string | undefined;
}

async function send({ body, authorization, contentType }: Sent): Promise<{ status: number; empty: boolean }> {
  const response = await parts.forwarder.app.inject({
    method: 'POST',
    url: '/webhook/shopee',
    headers: {
      ...(authorization === undefined ? {} : { authorization }),
      ...(contentType === undefined ? {} : { 'content-type': contentType }),
    },
    payload: body,
  });
  return { status: response.statusCode, empty: response.rawPayload.length === 0 };
}

describe('whatever is sent', () => {
  test(
    '10,000 random or mutated bodies without a valid signature are rejected: no 5xx, no crash, nothing queued',
    { timeout: 120_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.record({ body: fc.oneof(mutated, random), authorization, contentType }), async (sent) => {
          // The one mutation in a million that leaves the sample and its own signature as they were is a genuine push.
          fc.pre(sent.authorization !== sign(sent.body));
          const { status, empty } = await send(sent);
          expect([400, 401]).toContain(status);
          expect(empty).toBe(true);
        }),
        { numRuns: 10_000 },
      );
      expect(await redis.exists(parts.keys.webhooks.main)).toBe(0);
      // Pushes go on; that all of them are rejected may fail /health.
      expect((await parts.forwarder.app.inject('/health/ready')).statusCode).toBe(200);
    },
  );

  test(
    'signed ones are queued as they came when they are a push, and rejected when they are not: no 5xx',
    { timeout: 120_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.oneof(mutated, random), async (body) => {
          const { status, empty } = await send({ body, authorization: sign(body), contentType: undefined });
          expect([200, 400]).toContain(status);
          expect(empty).toBe(true);
        }),
        { numRuns: 2_000 },
      );
      const raws = await redis.lrange(parts.keys.webhooks.main, 0, -1);
      for (const raw of raws) expect(JSON.parse(raw)).toHaveProperty('payload.code');
    },
  );
});
