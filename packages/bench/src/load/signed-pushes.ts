import { systemClock } from '@shopee-webhook/runtime';
import { makePush, sandboxApp, toJson } from '@shopee-webhook/sandbox';
import { signPush } from '@shopee-webhook/shopee';
import { Random } from './random.ts';

export interface SignedPush {
  body: string;
  authorization: string;
}

const sample = { sn: '260901K7QWE8RT', status: 'CANCELLED' };
const shopId = 700_000_001;
const statuses = ['UNPAID', 'READY_TO_SHIP', 'PROCESSED', 'SHIPPED', 'COMPLETED', 'CANCELLED'];
/** The characters of Shopee's order numbers, after the date. */
const snAlphabet = '0123456789ABCDEFGHJKMNPQRSTUVWXY';
const snLength = 8;

/**
 * Order pushes as Shopee documents them (code 3), each for another order, so that none is a duplicate: numbers, shops,
 * states and times vary as in production, because compression depends on it.
 */
export class PushGenerator {
  readonly #template: string;
  readonly #now = Math.floor(systemClock.wallMs() / 1000);
  readonly #random: Random;

  /** The same seed gives the same pushes. */
  constructor(seed: number) {
    this.#template = toJson(makePush(3, { shopId, partnerId: sandboxApp.partnerId, now: this.#now }));
    this.#random = new Random(seed);
  }

  next(): string {
    const random = this.#random;
    let sn = '2609' + String(random.integer(10, 30));
    for (let count = 0; count < snLength; count += 1) sn += snAlphabet[random.integer(0, snAlphabet.length - 1)];
    const time = String(this.#now - random.integer(0, 3_600));
    return this.#template
      .replace(sample.sn, sn)
      .replace(sample.status, random.pick(statuses))
      .replace(String(shopId), String(shopId + random.integer(0, 9)))
      .replaceAll(/1[78]\d{8}(?=[,}])/g, time);
  }
}

/** Built and signed before a run, so that the generator only has to send. */
export function createSignedPushes(options: { url: string; key: string; seed: number; count: number }): SignedPush[] {
  const generator = new PushGenerator(options.seed);
  return Array.from({ length: options.count }, () => {
    const body = generator.next();
    return { body, authorization: signPush(options.key, options.url, body) };
  });
}
