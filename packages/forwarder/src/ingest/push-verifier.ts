import { type Logger, systemClock } from '@shopee-webhook/runtime';
import { verifyPush } from '@shopee-webhook/shopee';
import { candidateCallbackUrls, type RequestAddress } from './callback-urls.ts';
import { describeKey } from './describe-key.ts';
import { signatureHint, type SignatureHint } from './signature-hint.ts';

/** A request as far as its signature is concerned. */
export interface SignedRequest extends RequestAddress {
  authorization: string | undefined;
  body: Uint8Array;
}

export type VerificationResult =
  /** `url`: what it was signed for. */
  | { valid: true; url: string }
  /** `urls`: what was tried as the callback URL. */
  | { valid: false; reason: 'no-signature' | 'wrong-signature'; urls: string[]; hint?: SignatureHint };

export interface PushVerifierOptions {
  /** Tried in order; the last is the API's partner key. */
  keys: readonly string[];
  /** The configured callback URL; undefined: taken from each request. */
  url: string | undefined;
  logger: Logger;
}

/** 64 hex digits, as Shopee sends it: bare, lower case (Shopee guide 18). */
const signatureShape = /^\s*[0-9a-f]{64}\s*$/i;

/** Whether an Authorization header has the shape of Shopee's signatures. */
export function isSignature(authorization: string | undefined): boolean {
  return authorization !== undefined && signatureShape.test(authorization);
}

/** Searching for what a wrong signature would fit costs more than a verification: at most once in this time. */
const hintEveryMs = 1_000;

/** Tells pushes that Shopee signed from all others: an HMAC over the raw bytes. */
export class PushVerifier {
  readonly #options: PushVerifierOptions;
  /** Matches so far: each is logged once. */
  readonly #matched = new Set<string>();
  #hintedAt = -Infinity;

  constructor(options: PushVerifierOptions) {
    this.#options = options;
  }

  verify(request: SignedRequest): VerificationResult {
    const { keys, url } = this.#options;
    const urls = url === undefined ? candidateCallbackUrls(request) : [url];
    const { authorization, body } = request;
    if (authorization === undefined || !isSignature(authorization)) {
      return { valid: false, reason: 'no-signature', urls };
    }
    const match = verifyPush({ authorization, body, urls, keys });
    if (match === undefined) {
      const hint = this.#hint({ ...request, authorization });
      return { valid: false, reason: 'wrong-signature', urls, ...(hint === undefined ? {} : { hint }) };
    }
    const signedFor = urls[match.urlIndex] ?? '';
    this.#logOnce(signedFor, match.keyIndex);
    return { valid: true, url: signedFor };
  }

  #logOnce(url: string, keyIndex: number): void {
    const { keys, logger } = this.#options;
    const match = `${String(keyIndex)} ${url}`;
    // A forged Host cannot fill this: only signed pushes get here. 100 is for a setup that signs ever new URLs.
    if (this.#matched.has(match) || this.#matched.size >= 100) return;
    this.#matched.add(match);
    const which = describeKey(keyIndex, keys.length);
    const configured =
      this.#options.url === undefined ? 'guessed from the request: set WEBHOOK_URL to it' : 'WEBHOOK_URL';
    logger.info({ url, keyIndex, matchedKey: which, configured }, 'push signature matched');
  }

  /** The configured URL, or the request's own, written a little differently. */
  #hint(request: SignedRequest & { authorization: string }): SignatureHint | undefined {
    const { keys, url } = this.#options;
    const now = systemClock.monotonicMs();
    if (now - this.#hintedAt < hintEveryMs) return undefined;
    this.#hintedAt = now;
    const urls = [...candidateCallbackUrls(request), ...(url === undefined ? [] : [url])];
    return signatureHint({ authorization: request.authorization, body: request.body, keys, urls });
  }
}
