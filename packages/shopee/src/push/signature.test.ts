import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { sampleBytes, sampleNames, sampleText } from '../../test/samples.ts';
import { signPush, verifyPush } from './signature.ts';

const vectors = z
  .object({
    published: z.array(
      z.object({
        what: z.string(),
        key: z.string(),
        url: z.string().optional(),
        body: z.string().optional(),
        expected_hex: z.string(),
      }),
    ),
    push_files: z.object({
      key: z.string(),
      callback_url: z.string(),
      authorization: z.record(z.string(), z.string()),
    }),
  })
  .parse(JSON.parse(sampleText('sign-vectors.json')));

const { key, callback_url: url, authorization } = vectors.push_files;

describe('signPush', () => {
  test.each(vectors.published.filter((vector) => vector.url !== undefined))('$what', (vector) => {
    expect(signPush(vector.key, vector.url ?? '', vector.body ?? '')).toBe(vector.expected_hex);
  });

  test('there is a vector for each of the samples', () => {
    expect(Object.keys(authorization).sort()).toEqual(sampleNames('push').map((name) => `push/${name}`));
    expect(sampleNames('push')).toHaveLength(53);
  });

  test.each(Object.entries(authorization))('%s is signed over its bytes', (name, expected) => {
    expect(signPush(key, url, sampleBytes(name))).toBe(expected);
    expect(signPush(key, url, sampleText(name))).toBe(expected);
  });
});

describe('verifyPush', () => {
  const body = sampleBytes('push/10-webchat.text.json');
  const proof = { authorization: signPush(key, url, body), body, urls: [url], keys: [key] };

  test('the matching key and URL are returned', () => {
    const urls = ['https://other.example.com/', url];
    expect(verifyPush({ ...proof, urls, keys: ['old', 'older', key] })).toEqual({ keyIndex: 2, urlIndex: 1 });
  });

  test('upper-case hex and spaces around it are the same signature', () => {
    expect(verifyPush({ ...proof, authorization: ` ${proof.authorization.toUpperCase()} ` })).toBeDefined();
  });

  test.each([
    ['no header', undefined],
    ['an empty header', ''],
    ['a scheme word', `SHA256 ${proof.authorization}`],
    ['a signature cut short', proof.authorization.slice(1)],
    ['a signature with a byte more', `${proof.authorization}00`],
    ['base64', Buffer.from(proof.authorization, 'hex').toString('base64')],
  ])('%s is rejected', (_what, authorization) => {
    expect(verifyPush({ ...proof, authorization })).toBeUndefined();
  });

  test('another body, key or URL is rejected', () => {
    expect(
      verifyPush({ ...proof, body: sampleText('push/10-webchat.text.json').replace('👋', '\\ud83d\\udc4b') }),
    ).toBeUndefined();
    expect(verifyPush({ ...proof, urls: [`${url}/`] })).toBeUndefined();
    expect(verifyPush({ ...proof, keys: ['another'] })).toBeUndefined();
    expect(verifyPush({ ...proof, keys: [] })).toBeUndefined();
  });

  test('what was signed with a key and a URL is verified with them, and with no other key', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }),
        fc.string().map((path) => `https://hook.example.com/${path}`),
        fc.uint8Array(),
        fc.string({ minLength: 1 }),
        (key, url, body, other) => {
          const authorization = signPush(key, url, body);
          expect(verifyPush({ authorization, body, urls: [url], keys: [key] })).toEqual({ keyIndex: 0, urlIndex: 0 });
          expect(verifyPush({ authorization, body, urls: [url], keys: [`${key}${other}`] })).toBeUndefined();
        },
      ),
    );
  });
});
