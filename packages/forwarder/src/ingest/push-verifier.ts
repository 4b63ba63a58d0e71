import type { Logger } from '@shopee-webhook/runtime';
import { verifyPush } from '@shopee-webhook/shopee';
import { candidateCallbackUrls, type RequestAddress } from './callback-urls.ts';
import { describeKey } from './describe-key.ts';
import { signatureHint } from './signature-hint.ts';

/** A request as far as its signature is concerned. */
export interface SignedRequest extends RequestAddress {
  authorization: string | undefined;
  body: Uint8Array;
}

export type VerificationResult =
  /** `url`: what it was signed for. */
  | { genuine: true; url: string }
  /** `urls`: what was tried as the callback URL. `hint`: what would fit, for the operator. */
  | { genuine: false; reason: 'no-signature' | 'wrong-signature'; urls: string[]; hint?: string };

export interface PushVerifierOptions {
  /** Tried in order; the last is the API's partner key. */
  keys: readonly string[];
  /** The configured callback URL; undefined: taken from each request. */
  url: string | undefined;
  logger: Logger;
  now?: () => number;
}

/** 64 hex digits, as Shopee sends it: bare, lower case (Shopee guide 18). */
const signatureShape = /^\s*[0-9a-f]{64}\s*$/i;
/** Looking for what a wrong signature would fit costs more than a verification: at most once in this time. */
const hintEveryMs = 1_000;

/** Tells pushes that Shopee signed from all others. */
export class PushVerifier {
  readonly #options: PushVerifierOptions;
  /** What was matched so far, so that each match is logged once. */
  readonly #matched = new Set<string>();
  #hintedAt = 0;

  constructor(options: PushVerifierOptions) {
    this.#options = options;
  }

  verify(request: SignedRequest): VerificationResult {
    const { keys, url } = this.#options;
    const urls = url === undefined ? candidateCallbackUrls(request) : [url];
    const { authorization, body } = request;
    if (authorization === undefined || !signatureShape.test(authorization)) {
      return { genuine: false, reason: 'no-signature', urls };
    }
    const match = verifyPush({ authorization, body, urls, keys });
    if (match === undefined) {
      const hint = this.#hint({ ...request, authorization });
      return { genuine: false, reason: 'wrong-signature', urls, ...(hint === undefined ? {} : { hint }) };
    }
    const signedFor = urls[match.urlIndex] ?? '';
    this.#logOnce(signedFor, match.keyIndex);
    return { genuine: true, url: signedFor };
  }

  #logOnce(url: string, keyIndex: number): void {
    const { keys, logger } = this.#options;
    const match = `${String(keyIndex)} ${url}`;
    // A forged Host cannot fill this: only signed pushes come here. 100 is for a set-up that signs ever new URLs.
    if (this.#matched.has(match) || this.#matched.size >= 100) return;
    this.#matched.add(match);
    const which = describeKey(keyIndex, keys.length);
    const configured =
      this.#options.url === undefined ? 'guessed from the request: set WEBHOOK_URL to it' : 'WEBHOOK_URL';
    logger.info({ url, keyIndex, matchedKey: which, configured }, 'push signature matches');
  }

  /** What would have fitted: the configured URL, or the request's own, written a little differently. */
  #hint(request: SignedRequest & { authorization: string }): string | undefined {
    const { keys, url } = this.#options;
    const now = this.#options.now?.() ?? Date.now();
    if (now - this.#hintedAt < hintEveryMs) return undefined;
    this.#hintedAt = now;
    const urls = [...candidateCallbackUrls(request), ...(url === undefined ? [] : [url])];
    return signatureHint({ authorization: request.authorization, body: request.body, keys, urls });
  }
}
