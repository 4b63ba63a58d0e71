import { makePush, sandboxApp, toJson } from '@shopee-webhook/sandbox';
import { signPush } from '@shopee-webhook/shopee';

export interface SignedPush {
  body: string;
  authorization: string;
}

const sampleSn = '260901K7QWE8RT';
const shopId = 700_000_001;

/** Order pushes as Shopee documents them (code 3), each of another order: none is a repeat. */
export class PushTexts {
  readonly #parts: string[];
  readonly #run: string;
  #count = 0;

  constructor(run: string) {
    const now = Math.floor(Date.now() / 1000);
    this.#parts = toJson(makePush(3, { shopId, partnerId: sandboxApp.partnerId, now })).split(sampleSn);
    this.#run = run;
  }

  next(): string {
    this.#count += 1;
    return this.#parts.join(`2609${this.#run}${this.#count.toString(36).toUpperCase().padStart(6, '0')}`);
  }
}

/** Made and signed before a run, so that the generator has time for nothing but sending. */
export function signedPushes(options: { url: string; key: string; run: string; count: number }): SignedPush[] {
  const texts = new PushTexts(options.run);
  return Array.from({ length: options.count }, () => {
    const body = texts.next();
    return { body, authorization: signPush(options.key, options.url, body) };
  });
}
