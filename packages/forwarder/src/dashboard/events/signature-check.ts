import { createHash } from 'node:crypto';
import { verifyPush } from '@shopee-webhook/shopee';
import type { ReceivedPush } from '@shopee-webhook/history';
import { describeKey } from '../../ingest/describe-key.ts';
import type { SignatureCheck } from '@shopee-webhook/contracts/dashboard-api';

/** Whether a recorded push is signed with a key that is configured now. */
export function checkSignature(push: ReceivedPush | undefined, keys: readonly string[]): SignatureCheck {
  if (push === undefined) return unknown;
  const { url, signature, text } = push;
  const bodySha256 = createHash('sha256').update(text).digest('hex');
  if (url === undefined || signature === undefined) return { ...unknown, bodySha256 };
  const match = verifyPush({ authorization: signature, body: text, urls: [url], keys });
  const facts = { url, signature, bodySha256 };
  if (match === undefined) return { result: 'mismatch', keyNumber: null, keyName: null, ...facts };
  return {
    result: 'match',
    keyNumber: match.keyIndex + 1,
    keyName: describeKey(match.keyIndex, keys.length),
    ...facts,
  };
}

const unknown: SignatureCheck = {
  result: 'unknown',
  url: null,
  keyNumber: null,
  keyName: null,
  signature: null,
  bodySha256: null,
};
