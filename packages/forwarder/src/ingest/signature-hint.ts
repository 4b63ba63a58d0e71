import { createHmac } from 'node:crypto';
import { verifyPush } from '@shopee-webhook/shopee';
import { describeKey } from './describe-key.ts';

export interface InvalidSignature {
  authorization: string;
  body: Uint8Array;
  keys: readonly string[];
  /** What was tried, and what the request itself suggests. */
  urls: readonly string[];
}

/** Shopee's pushes are far smaller; a stranger's must not keep the process busy. */
const maxBodyBytes = 64 * 1024;

export interface SignatureHint {
  /** For the operator. */
  text: string;
  /** Signed with one of the keys: it is ours that is wrong, or a proxy. */
  isNear: boolean;
}

/**
 * What a wrong signature would have fitted: a callback URL that is nearly the same, or the body alone. It is not accepted,
 * only reported. undefined: the body is too long to try.
 */
export function signatureHint({ authorization, body, keys, urls }: InvalidSignature): SignatureHint | undefined {
  if (body.length > maxBodyBytes) return undefined;
  const candidates = [...new Set([...urls, ...urls.flatMap(similarUrls)])];
  const match = verifyPush({ authorization, body, urls: candidates, keys });
  if (match !== undefined) {
    const key = describeKey(match.keyIndex, keys.length);
    return {
      isNear: true,
      text: `signed for ${candidates[match.urlIndex] ?? ''} with ${key}: set WEBHOOK_URL to exactly that`,
    };
  }
  const bare = keys.findIndex((key) => createHmac('sha256', key).update(body).digest('hex') === authorization.trim());
  if (bare !== -1)
    return {
      isNear: true,
      text: `the body alone is signed with ${describeKey(bare, keys.length)}: what must be signed is the callback URL, |, and the body`,
    };
  return {
    isNear: false,
    text: 'matches no such URL with any of the keys: it was signed with another key, or the body was changed on its way',
  };
}

/** The same URL as people, consoles and proxies write it differently. */
function similarUrls(url: string): string[] {
  if (!URL.canParse(url)) return [];
  const { protocol, host, hostname, pathname, search } = new URL(url);
  const path = pathname.replace(/(?<!\/)\/+$/, '');
  const otherHost = hostname.startsWith('www.') ? hostname.slice(4) : `www.${hostname}`;
  const otherScheme = protocol === 'https:' ? 'http:' : 'https:';
  const variants: [scheme: string, host: string][] = [
    [protocol, host],
    [otherScheme, host],
    [protocol, hostname],
    [otherScheme, hostname],
    [protocol, otherHost],
  ];
  return variants.flatMap(([scheme, name]) =>
    [`${path}${search}`, `${path}/${search}`, path, `${path}/`].map((rest) => `${scheme}//${name}${rest}`),
  );
}
