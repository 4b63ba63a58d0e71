import { createHmac } from 'node:crypto';
import { signPush } from '@shopee-webhook/shopee';
import { expect, test } from 'vitest';
import { signatureHint } from './signature-hint.ts';

const keys = ['push key', 'older push key', 'api key'];
const body = Buffer.from('{"code":3}');
const urls = ['https://shop.example/webhook/shopee'];

function hintFor(authorization: string) {
  return signatureHint({ authorization, body, keys, urls });
}

test.each([
  ['https://shop.example/webhook/shopee/', 'push key', 'WEBHOOK_PARTNER_KEY number 1'],
  ['http://shop.example/webhook/shopee', 'older push key', 'WEBHOOK_PARTNER_KEY number 2'],
  ['https://www.shop.example/webhook/shopee', 'api key', 'PARTNER_KEY'],
])('a push signed for %s is recognized', (url, key, name) => {
  const hint = `signed for ${url} with ${name}: set WEBHOOK_URL to exactly that`;
  expect(hintFor(signPush(key, url, body))).toEqual({ text: hint, isNear: true });
});

test('a signature of the body alone is recognized', () => {
  const authorization = createHmac('sha256', 'push key').update(body).digest('hex');
  expect(hintFor(authorization)?.text).toMatch('the body alone is signed with WEBHOOK_PARTNER_KEY number 1');
});

test('a signature with another key matches nothing', () => {
  const hint = hintFor(signPush('a stranger’s', urls[0] ?? '', body));
  expect(hint).toMatchObject({ isNear: false });
  expect(hint?.text).toMatch('signed with another key');
});

test('a body too long to be a push is not tried', () => {
  const long = new Uint8Array(100_000);
  expect(signatureHint({ authorization: signPush('x', 'y', long), body: long, keys, urls })).toBeUndefined();
});
