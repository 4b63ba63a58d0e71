import { expect, test } from 'vitest';
import { verifyInternalRequest, signInternalRequest } from './internal-auth.ts';

const now = 1_800_000_000_000;
const timestamp = String(now / 1000);
const body = '{"id":"a","payload":{"code":3}}';
const context = { partnerKey: 'key', now };
const signature = signInternalRequest('key', timestamp, body);

test('a request that the forwarder signed is taken', () => {
  expect(verifyInternalRequest({ timestamp, signature, body }, context)).toBe(true);
});

test.each([
  ['another body', { body: `${body} ` }],
  ['another key', { signature: signInternalRequest('other', timestamp, body) }],
  ['no signature', { signature: undefined }],
  ['no timestamp', { timestamp: undefined }],
  ['a timestamp that is no number', { timestamp: '1e9' }],
  ['a signature that is too short', { signature: signature.slice(1) }],
])('a request with %s is rejected', (_, change) => {
  expect(verifyInternalRequest({ timestamp, signature, body, ...change }, context)).toBe(false);
});

test('a request that is more than five minutes old, or from the future, is rejected', () => {
  const at = (seconds: number) => {
    const stamp = String(now / 1000 + seconds);
    return verifyInternalRequest(
      { timestamp: stamp, signature: signInternalRequest('key', stamp, body), body },
      context,
    );
  };
  expect([-301, -300, 300, 301].map(at)).toEqual([false, true, true, false]);
});
