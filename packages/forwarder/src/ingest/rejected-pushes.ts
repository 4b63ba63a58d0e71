import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { readJsonFile, writeJsonFile, systemClock } from '@shopee-webhook/runtime';

const RejectedPush = z.object({
  at: z.number().describe('ms'),
  status: z.number().int(),
  reason: z.enum(['no-signature', 'wrong-signature', 'not-a-push', 'too-large', 'unreadable']),
  /** For people, without anything from the body. */
  detail: z.string().optional(),
  /** Signed with one of our keys, for another URL. */
  isNear: z.boolean().optional(),
  from: z.string(),
  /** As the proxies say; anybody can write it. */
  forwardedFor: z.string().optional(),
  userAgent: z.string().optional(),
  /** The first characters of the signature, to compare with what `cli sign` computes. */
  signaturePrefix: z.string().optional(),
  /** What was signed with each key in turn: each of these, `|` and the body. */
  urlsTried: z.array(z.string()),
  keysTried: z.number().int(),
  bodyBytes: z.number().int(),
  bodySha256: z.string(),
  /** For the dashboard only, behind its login: may hold anything. */
  bodyPrefix: z.string(),
});

/** A request that was rejected, with what is needed to find out why. Holds no key and no whole body. */
export type RejectedPush = z.infer<typeof RejectedPush>;

export type RejectionReason = RejectedPush['reason'];

export interface Rejection {
  status: number;
  reason: RejectionReason;
  detail?: string | undefined;
  isNear?: boolean | undefined;
  from: string;
  forwardedFor?: string | undefined;
  userAgent?: string | undefined;
  authorization?: string | undefined;
  urlsTried?: string[] | undefined;
  keysTried?: number | undefined;
  body: Uint8Array;
}

const maxEntries = 200;
/** Anybody can send any number of these. */
const maxUnsigned = 50;
const previewBytes = 200;
/** As many as a request without WEBHOOK_URL is tried with. */
const maxUrls = 12;
const maxLength = { url: 300, detail: 500, forwardedFor: 100, userAgent: 200, signature: 12 };
const dayMs = 24 * 3_600_000;
const File = z.object({
  total: z.number().int(),
  last: z.array(RejectedPush),
  unsigned: z.object({ total: z.number().int(), last: z.array(RejectedPush) }),
});

/**
 * The last rejected requests, in memory and, some seconds later, in DATA_DIR/rejected.json: 200 that were signed and, apart
 * from them, so that strangers cannot push them out, 50 that were not.
 */
export class RejectedPushes {
  readonly #path: string;
  readonly #now: () => number;
  readonly #retentionMs: number;
  readonly #signed = new Recent(maxEntries);
  readonly #unsigned = new Recent(maxUnsigned);
  #changed = false;

  constructor(options: { dataDir: string; retentionDays?: number; now?: () => number }) {
    this.#path = join(options.dataDir, 'rejected.json');
    this.#retentionMs = (options.retentionDays ?? 90) * dayMs;
    this.#now = options.now ?? systemClock.wallMs;
  }

  /** Signed requests since the file exists. */
  get total(): number {
    return this.#signed.total;
  }

  /** Requests without a signature since the file exists. */
  get unsignedTotal(): number {
    return this.#unsigned.total;
  }

  /** Signed requests, newest first. */
  list(): RejectedPush[] {
    return this.#signed.list();
  }

  /** Requests without a signature, newest first. */
  listUnsigned(): RejectedPush[] {
    return this.#unsigned.list();
  }

  record(rejection: Rejection): void {
    const {
      body,
      authorization,
      detail,
      isNear,
      userAgent,
      forwardedFor,
      urlsTried = [],
      keysTried = 0,
      ...rest
    } = rejection;
    const entries = rest.reason === 'no-signature' ? this.#unsigned : this.#signed;
    entries.add({
      ...rest,
      at: this.#now(),
      urlsTried: urlsTried.slice(0, maxUrls).map(truncateUrl),
      keysTried,
      bodyBytes: body.length,
      bodySha256: createHash('sha256').update(body).digest('hex'),
      bodyPrefix: Buffer.from(body.subarray(0, previewBytes)).toString('utf8'),
      ...(isNear === undefined ? {} : { isNear }),
      ...(detail === undefined ? {} : { detail: truncate(detail, maxLength.detail) }),
      ...(forwardedFor === undefined ? {} : { forwardedFor: truncate(forwardedFor, maxLength.forwardedFor) }),
      ...(userAgent === undefined ? {} : { userAgent: truncate(userAgent, maxLength.userAgent) }),
      ...(authorization === undefined ? {} : { signaturePrefix: truncate(authorization, maxLength.signature) }),
    });
    this.#changed = true;
  }

  /** Reads what an earlier process saved. */
  async load(): Promise<void> {
    const file = await readJsonFile(this.#path, File);
    if (file === undefined) return;
    this.#signed.restore(file);
    this.#unsigned.restore(file.unsigned);
  }

  /** Writes the file if something was added, or is older than the retention. */
  async save(): Promise<void> {
    const oldest = this.#now() - this.#retentionMs;
    const hasExpired = [this.#signed, this.#unsigned].map((entries) => entries.expire(oldest)).includes(true);
    if (!this.#changed && !hasExpired) return;
    this.#changed = false;
    await writeJsonFile(this.#path, { ...this.#signed.toJSON(), unsigned: this.#unsigned.toJSON() });
  }
}

/** The last entries, and how many there ever were. */
class Recent {
  readonly #max: number;
  #last: RejectedPush[] = [];
  #total = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get total(): number {
    return this.#total;
  }

  list(): RejectedPush[] {
    return this.#last.slice(-this.#max).toReversed();
  }

  add(entry: RejectedPush): void {
    this.#last.push(entry);
    this.#total += 1;
    if (this.#last.length > this.#max * 2) this.#last = this.#last.slice(-this.#max);
  }

  restore({ total, last }: { total: number; last: RejectedPush[] }): void {
    this.#last = [...last, ...this.#last];
    this.#total += total;
  }

  /** True when there were entries from before `oldest`, ms. */
  expire(oldest: number): boolean {
    const isOld = (this.#last[0]?.at ?? Infinity) < oldest;
    if (isOld) this.#last = this.#last.filter(({ at }) => at >= oldest);
    return isOld;
  }

  toJSON(): { total: number; last: RejectedPush[] } {
    return { total: this.#total, last: this.#last.slice(-this.#max) };
  }
}

function truncateUrl(url: string): string {
  return url.length > maxLength.url ? `${truncate(url, maxLength.url)}…` : url;
}

/** As a copy: a slice would keep the whole text in memory. */
function truncate(text: string, max: number): string {
  return Buffer.from(text.slice(0, max)).toString('utf8');
}
