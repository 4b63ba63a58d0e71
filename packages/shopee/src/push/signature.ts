import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a push is checked against. */
export interface SignedPush {
  /** The Authorization header as it came. */
  authorization: string | undefined;
  body: Uint8Array | string;
  /** Callback URLs to try, each exactly as it may stand in the console. */
  urls: readonly string[];
  /** Keys to try, in order. */
  keys: readonly string[];
}

/**
 * The Authorization value of a push: bare lower-case hex HMAC-SHA256 of `url|body`, the URL as configured in the
 * console and the body as the raw bytes (Shopee guide 18). The key is used as it is written: `shpk` stays, no hex decoding.
 */
export function signPush(key: string, url: string, body: Uint8Array | string): string {
  return pushHmac(key, url, body).toString('hex');
}

/** Which key and URL a push was signed with, or undefined when none fits. Compares in constant time. */
export function verifyPush(proof: SignedPush): { keyIndex: number; urlIndex: number } | undefined {
  const given = proof.authorization?.trim() ?? '';
  if (!/^[0-9a-f]{64}$/i.test(given)) return undefined;
  const signature = Buffer.from(given, 'hex');
  for (const [keyIndex, key] of proof.keys.entries()) {
    for (const [urlIndex, url] of proof.urls.entries()) {
      if (timingSafeEqual(signature, pushHmac(key, url, proof.body))) return { keyIndex, urlIndex };
    }
  }
  return undefined;
}

function pushHmac(key: string, url: string, body: Uint8Array | string): Buffer {
  return createHmac('sha256', key).update(url).update('|').update(body).digest();
}
