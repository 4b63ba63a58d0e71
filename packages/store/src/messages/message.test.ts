import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedMessageError } from '../redis/errors.ts';
import { buildMessage, newMessageId, parseMessage, withMetadata } from './message.ts';

const now = 1_795_400_000_000;
const push = '{"code":3,"shop_id":12345678901234567890,"timestamp":1788220800,"data":{"ordersn":"2609017X6K8Y2P"}}';

const deep = '['.repeat(100_000) + ']'.repeat(100_000);

describe('buildMessage', () => {
  it('puts the payload in letter by letter', () => {
    expect(buildMessage('abc', push, { enqueued_at: now })).toBe(
      `{"id":"abc","payload":${push},"metadata":{"enqueued_at":${now},"retry_count":0,"max_retries":3}}`,
    );
  });

  it('leaves the time to Redis when it is not given', () => {
    expect(buildMessage('abc', '{}')).toContain('"enqueued_at":\0,');
  });

  it('makes ids of 12 letters that fit everywhere', () => {
    expect(newMessageId()).toMatch(/^[\w-]{12}$/);
  });

  it('begins an id with its second and never makes one twice', () => {
    const before = Math.floor(Date.now() / 1_000);
    const ids = Array.from({ length: 20_000 }, () => newMessageId());
    const seconds = ids.map((id) => Buffer.from(id, 'base64url').readUInt32BE(0));
    expect(Math.min(...seconds)).toBeGreaterThanOrEqual(before);
    expect(Math.max(...seconds)).toBeLessThanOrEqual(Date.now() / 1_000);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('parseMessage', () => {
  it('reads what buildMessage wrote, whatever the payload', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), (payload) => {
        const payloadText = JSON.stringify(payload, undefined, 1);
        const message = parseMessage(buildMessage('abc', payloadText, { enqueued_at: now, source: 'push' }), now);
        expect(message).toEqual({
          id: 'abc',
          payloadText,
          metadata: { enqueued_at: now, retry_count: 0, max_retries: 3, source: 'push' },
        });
      }),
    );
  });

  it('keeps the digits of an id beyond 2^53, in the payload and in foreign metadata', () => {
    const raw = `{"id":99999999999999999999,"payload":${push},"metadata":{"trace":12345678901234567890}}`;
    const message = parseMessage(raw, now);
    expect(message).toMatchObject({ id: '99999999999999999999', payloadText: push });
    expect(withMetadata(raw, message, { retry_count: 1 })).toBe(
      `{"id":99999999999999999999,"payload":${push},"metadata":{"trace":12345678901234567890,"enqueued_at":${now},"retry_count":1,"max_retries":3}}`,
    );
  });

  it('reads a message of another program: spaces, other order, ISO time, keys it does not know', () => {
    const raw = `{ "metadata": {"enqueued_at": "2026-11-23T10:00:00Z", "priority": "high", "max_retries": 5},\n "payload": ${push}, "id": "x-1", "v": 1 }`;
    const message = parseMessage(raw, now);
    expect(message).toEqual({
      id: 'x-1',
      payloadText: push,
      metadata: { enqueued_at: Date.UTC(2026, 10, 23, 10), retry_count: 0, max_retries: 5, priority: 'high' },
    });
    const changed = withMetadata(raw, message, { retry_count: 1 });
    expect(changed).toMatch(/^\{ "metadata": \{"enqueued_at":.*"priority":"high".*\},\n {1}"payload": /s);
    expect(changed).toContain(`"payload": ${push}, "id": "x-1", "v": 1 }`);
  });

  it.each([
    ['seconds', 1_788_220_800, 1_788_220_800_000],
    ['milliseconds', 1_788_220_800_123, 1_788_220_800_123],
    ['digits in a text', '1788220800', 1_788_220_800_000],
    ['nothing sensible', 'yesterday', now],
  ])('reads an enqueued_at in %s', (_, given, expected) => {
    const raw = JSON.stringify({ id: 'a', payload: {}, metadata: { enqueued_at: given } });
    expect(parseMessage(raw, now).metadata.enqueued_at).toBe(expected);
  });

  it('reads a bare push as a message that waits since the push', () => {
    const message = parseMessage(push, now);
    expect(message).toMatchObject({ payloadText: push, metadata: { enqueued_at: 1_788_220_800_000, retry_count: 0 } });
    expect(parseMessage(withMetadata(push, message, {}), now)).toEqual(message);
  });

  it('gives a message without an id a new one', () => {
    const message = parseMessage(`{"payload":${push}}`, now);
    expect(message.id).toHaveLength(12);
    expect(parseMessage(withMetadata(`{"payload":${push}}`, message, {}), now)).toEqual(message);
  });

  it.each([
    ['no JSON', 'garbage'],
    ['cut off', push.slice(0, -1)],
    ['an array', '[1]'],
    ['a number', '3'],
    ['null', 'null'],
    ['an object of neither kind', '{"a":1}'],
    ['a code that is no integer', '{"code":"3","data":{}}'],
    ['a payload that is text', '{"id":"a","payload":"{}"}'],
    ['metadata that is text', '{"id":"a","payload":{},"metadata":"m"}'],
    ['metadata nested deeper than anyone means', `{"id":"a","payload":{},"metadata":{"m":${deep}}}`],
  ])('rejects %s', (_, raw) => {
    expect(() => parseMessage(raw)).toThrow(MalformedMessageError);
  });

  it('copies a payload however deep it is nested', () => {
    const payloadText = `{"code":3,"data":${deep}}`;
    expect(parseMessage(buildMessage('a', payloadText, { enqueued_at: now })).payloadText).toBe(payloadText);
  });

  it('never fails in any other way', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (raw) => {
        expect(failureOf(() => parseMessage(raw))).toSatisfy(
          (error) => error === undefined || error instanceof MalformedMessageError,
        );
      }),
    );
  });
});

function failureOf(act: () => unknown): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    return error;
  }
}
