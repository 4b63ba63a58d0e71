import { createHash } from 'node:crypto';
import { verifyPush } from '@shopee-webhook/shopee';
import type { ReceivedPush } from '../history/rows.ts';
import { keyNameOf } from '../key-name.ts';
import type { SignatureCheck } from './api-types.ts';

/** Whether a kept push is signed with a key that we have now. */
export function checkSignature(push: ReceivedPush | undefined, keys: readonly string[]): SignatureCheck {
  if (push === undefined) return unknown;
  const { url, signature, text } = push;
  const bodySha256 = createHash('sha256').update(text).digest('hex');
  if (url === undefined || signature === undefined) return { ...unknown, bodySha256 };
  const proof = verifyPush({ authorization: signature, body: text, urls: [url], keys });
  const facts = { url, signature, bodySha256 };
  if (proof === undefined) return { result: 'mismatch', keyNumber: null, keyName: null, ...facts };
  return { result: 'match', keyNumber: proof.keyIndex + 1, keyName: keyNameOf(proof.keyIndex, keys.length), ...facts };
}

const unknown: SignatureCheck = {
  result: 'unknown',
  url: null,
  keyNumber: null,
  keyName: null,
  signature: null,
  bodySha256: null,
};
