import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sampleBytes, sampleNames, sampleText } from '../../test/samples.ts';
import { pushDigest } from './digest.ts';
import {
  MalformedPushError,
  isVerification,
  orderSnOf,
  packageNumberOf,
  parsePush,
  returnSnOf,
  shopIdsOf,
  trackingNumberOf,
  updateTimeOf,
} from './push.ts';

const samples = sampleNames('push');

describe('parsePush', () => {
  test.each(samples)('%s is a push whose code is the one in its name', (name) => {
    const push = parsePush(sampleBytes(`push/${name}`));
    expect(push.code).toBe(Number(name.slice(0, 2)));
    expect(push.raw).toBe(sampleText(`push/${name}`));
    expect(isVerification(push)).toBe(name.startsWith('00-'));
  });

  test.each([
    ['invalid UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d), 'not UTF-8'],
    ['a byte order mark', Buffer.from('\uFEFF{"code":3}'), 'not JSON'],
    ['an empty body', '', 'not JSON'],
    ['half a body', '{"code":3,"data"', 'not JSON'],
    ['a list', '[{"code":3}]', 'not a JSON object'],
    ['null', 'null', 'not a JSON object'],
    ['no code', '{"data":{}}', 'no integer code'],
    ['a code in words', '{"code":"three"}', 'no integer code'],
    ['a fractional code', '{"code":3.5}', 'no integer code'],
    ['a code beyond 2^53', '{"code":9007199254740993}', 'no integer code'],
  ])('%s is not a push', (_what, body, message) => {
    expect(() => parsePush(body)).toThrow(new MalformedPushError(message));
  });

  test('it throws nothing but MalformedPushError, whatever comes', () => {
    const json = fc.json({ maxDepth: 5 }).map((text) => Buffer.from(text));
    const envelope = fc
      .record(
        { code: fc.jsonValue(), data: fc.jsonValue(), shop_id: fc.jsonValue(), timestamp: fc.jsonValue() },
        { requiredKeys: [] },
      )
      .map((value) => Buffer.from(JSON.stringify(value)));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 400 }), json, envelope, mutatedSample()), (body) => {
        expect([undefined, 'MalformedPushError']).toContain(faultOf(body));
      }),
      { numRuns: 2000 },
    );
  });

  test('a text made to slow the search for shop ids down takes no time', () => {
    const extra = `shop${' '.repeat(900_000)}`;
    const startedAt = performance.now();
    expect(shopIdsOf(parsePush(JSON.stringify({ code: 2, data: { extra } })))).toEqual([]);
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });

  test('a body nested as deep as 1 MiB allows is rejected, not followed', () => {
    const deep = `{"code":3,"data":${'['.repeat(500_000)}${']'.repeat(500_000)}}`;
    expect(() => parsePush(deep)).toThrow(MalformedPushError);
  });

  test('a shop id is text and never rounded', () => {
    expect(parsePush('{"code":3,"shop_id":12345678901234567890}').shopId).toBe('12345678901234567890');
    expect(parsePush('{"code":3,"shop_id":"700000001"}').shopId).toBe('700000001');
    expect(parsePush('{"code":3,"shop_id":0}').shopId).toBeUndefined();
  });

  test('data that is not an object is kept under a name of its own', () => {
    expect(parsePush('{"code":99,"data":"text"}').data).toEqual({ value: 'text' });
    expect(parsePush('{"code":99,"data":null}').data).toEqual({});
    expect(parsePush('{"code":99}').data).toEqual({});
  });
});

describe('what a push is about', () => {
  const of = (name: string) => parsePush(sampleBytes(`push/${name}.json`));

  test('the order is found under both spellings', () => {
    const withOrder = samples.filter((name) => orderSnOf(parsePush(sampleBytes(`push/${name}`))) !== undefined);
    expect(new Set(withOrder.map((name) => Number(name.slice(0, 2))))).toEqual(new Set([3, 4, 8, 15, 29, 30, 47]));
    expect(orderSnOf(of('15-shipping-document-status.table-spelling'))).toBe('260901K7QWE8RT');
    expect(orderSnOf(parsePush('{"code":3,"data":{"ordersn":""}}'))).toBeUndefined();
  });

  test('package, return and tracking number are found where they are', () => {
    expect(packageNumberOf(of('30-package-fulfillment-status'))).toBe('OFG100000000000001');
    expect(returnSnOf(of('29-return-updates'))).toBe('2609030RET00001');
    expect(trackingNumberOf(of('04-order-trackingno'))).toBe('SPXSG000000000001');
    expect(trackingNumberOf(of('24-booking-trackingno'))).toBe('SPXSG000000000001');
  });

  test('the time of the event is its own, not that of the envelope', () => {
    expect(updateTimeOf(of('47-package-info'))).toBe(1788222400);
    expect(updateTimeOf(of('29-return-updates'))).toBe(1788222100);
    expect(updateTimeOf(of('04-order-trackingno'))).toBeUndefined();
    expect(updateTimeOf(parsePush('{"code":8,"data":{"update_time":"1788221360"}}'))).toBe(1788221360);
  });

  test.each([
    ['01-shop-authorization.shop', ['700000001']],
    ['01-shop-authorization.main-account-shops', ['700000001', '700000002']],
    ['01-shop-authorization.main-account-merchant', []],
    ['02-shop-authorization-canceled.by-seller', ['700000001']],
    ['02-shop-authorization-canceled.expired', ['700000001']],
    ['02-shop-authorization-canceled.shop-frozen', ['700000001']],
    ['02-shop-authorization-canceled.main-account-disconnected', ['700000001']],
    ['02-shop-authorization-canceled.main-account-merchants', []],
    ['12-open-api-authorization-expiry', ['700000001', '700000002']],
    ['03-order-status.shipped', ['700000001']],
  ])('%s speaks about the shops %j', (name, shops) => {
    expect(shopIdsOf(of(name))).toEqual(shops);
  });
});

describe('pushDigest', () => {
  test('every sample has a digest of its own, but those of codes 1 and 2, which are never repeats', () => {
    const pushes = samples.map((name) => parsePush(sampleBytes(`push/${name}`)));
    const [never, others] = [
      pushes.filter(({ code }) => code === 1 || code === 2),
      pushes.filter(({ code }) => code !== 1 && code !== 2),
    ];
    expect(never.map((push) => pushDigest(push))).toEqual(never.map(() => undefined));
    const digests = others.map((push) => pushDigest(push));
    expect(new Set(digests).size).toBe(others.length);
    for (const digest of digests) expect(digest).toMatch(/^[\w-]{22}$/);
  });

  test('a state without a time of its own counts again with another msg_id, or another time where there is none', () => {
    const at = (time: number, more = '') =>
      pushDigest(
        parsePush(`{"code":15,"shop_id":7,"timestamp":${time}${more},"data":{"ordersn":"A","status":"READY"}}`),
      );
    expect(at(1)).toBe(at(1));
    expect(at(1)).not.toBe(at(2));
    expect(at(1, ',"msg_id":"a"')).toBe(at(2, ',"msg_id":"a"'));
    expect(at(1, ',"msg_id":"a"')).not.toBe(at(1, ',"msg_id":"b"'));
    const [ready, again] = ['ready', 'ready-again'].map((name) =>
      parsePush(sampleBytes(`cases/15-msg_id.${name}.json`)),
    );
    expect(ready && pushDigest(ready)).not.toBe(again && pushDigest(again));
  });

  test('a push without data is what its envelope says', () => {
    const flat = sampleBytes('cases/10-webchat.flat-without-data.json').toString();
    const push = parsePush(flat);
    expect(push).toMatchObject({ code: 10, shopId: '700000001', data: { type: 'message', region: 'ID' } });
    expect(pushDigest(parsePush(flat.replace('1788300002', '1788300302')))).toBe(pushDigest(push));
    expect(pushDigest(parsePush(flat.replace('2000000000000000001', '2000000000000000002')))).not.toBe(
      pushDigest(push),
    );
    const empty = (time: number) => pushDigest(parsePush(`{"code":3,"shop_id":7,"timestamp":${time}}`));
    expect(empty(1)).not.toBe(empty(2));
  });

  test('a repeat with another envelope time and another order of keys has the same digest', () => {
    const first = parsePush('{"code":3,"shop_id":7,"timestamp":1,"data":{"a":{"x":1,"y":[1,2]},"b":"é"}}');
    const again = parsePush(
      '{"data": {"b":"\\u00e9", "a":{"y":[1,2],"x":1.0}}, "timestamp": 301, "shop_id": 7, "code": 3}',
    );
    expect(pushDigest(again)).toBe(pushDigest(first));
  });

  test('another code, shop or value is another digest', () => {
    const texts = [
      '{"code":3,"shop_id":7,"data":{"a":1}}',
      '{"code":4,"shop_id":7,"data":{"a":1}}',
      '{"code":3,"shop_id":8,"data":{"a":1}}',
      '{"code":3,"shop_id":7,"data":{"a":"1"}}',
      '{"code":3,"shop_id":7,"data":{"a":[1]}}',
      '{"code":3,"shop_id":7,"data":{"a":null}}',
      '{"code":3,"shop_id":7,"data":{"__proto__":1}}',
      '{"code":3,"shop_id":7,"data":{}}',
    ];
    expect(new Set(texts.map((text) => pushDigest(parsePush(text)))).size).toBe(texts.length);
  });
});

/** A sample with some of its bytes replaced, dropped or put in. */
function mutatedSample(): fc.Arbitrary<Uint8Array> {
  const change = fc.record({
    at: fc.nat(),
    byte: fc.integer({ min: 0, max: 255 }),
    how: fc.constantFrom('set', 'drop', 'put'),
  });
  return fc
    .tuple(fc.constantFrom(...samples), fc.array(change, { minLength: 1, maxLength: 6 }))
    .map(([name, changes]) => {
      const bytes = [...sampleBytes(`push/${name}`)];
      for (const { at, byte, how } of changes) {
        const position = at % bytes.length;
        if (how === 'drop') bytes.splice(position, 1);
        else bytes.splice(position, how === 'set' ? 1 : 0, byte);
      }
      return Uint8Array.from(bytes);
    });
}

/** Reads a body in every way there is; the name of what it throws, if it does. */
function faultOf(body: Uint8Array): string | undefined {
  try {
    const push = parsePush(body);
    for (const read of [orderSnOf, packageNumberOf, returnSnOf, updateTimeOf, shopIdsOf, isVerification]) read(push);
    return pushDigest(parsePush(push.raw)) === pushDigest(push) ? undefined : 'another digest';
  } catch (error) {
    return error instanceof Error ? error.name : 'not an Error';
  }
}
