import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { readJsonFile, writeJsonFile } from '@shopee-webhook/runtime';

const RejectedPush = z.object({
  at: z.number().describe('ms'),
  status: z.number().int(),
  reason: z.enum(['no-signature', 'wrong-signature', 'not-a-push', 'too-large', 'unreadable']),
  /** In words, without anything from the body. */
  detail: z.string().optional(),
  from: z.string(),
  /** As the proxies say; anybody can write it. */
  forwardedFor: z.string().optional(),
  userAgent: z.string().optional(),
  /** The first characters of the signature that came, to compare with what `cli sign` computes. */
  signaturePrefix: z.string().optional(),
  /** What was signed with each key in turn: each of these, `|` and the body. */
  urlsTried: z.array(z.string()),
  keysTried: z.number().int(),
  bodyBytes: z.number().int(),
  bodySha256: z.string(),
  /** For the dashboard only, behind its login: may hold anything that somebody sent. */
  bodyPrefix: z.string(),
});

/** A push that was not accepted, with what is needed to find out why. Holds no key and no whole body. */
export type RefusedPush = z.infer<typeof RejectedPush>;

export interface Rejection {
  status: number;
  reason: RefusedPush['reason'];
  detail?: string | undefined;
  from: string;
  forwardedFor?: string | undefined;
  userAgent?: string | undefined;
  authorization?: string | undefined;
  urlsTried?: string[] | undefined;
  keysTried?: number | undefined;
  body: Uint8Array;
}

const maxEntries = 200;
const previewBytes = 200;
/** As many as a request without WEBHOOK_URL is tried with. */
const maxUrls = 12;
const maxLength = { url: 300, detail: 500, forwardedFor: 100, userAgent: 200, signature: 12 };
const dayMs = 24 * 3_600_000;
const File = z.object({ total: z.number().int(), last: z.array(RejectedPush) });

/** The last 200 refused pushes, in memory and, some seconds later, in DATA_DIR/refused.json. */
export class RejectedPushes {
  readonly #path: string;
  readonly #now: () => number;
  readonly #retentionMs: number;
  #entries: RefusedPush[] = [];
  #total = 0;
  #changed = false;

  constructor(options: { dataDir: string; retentionDays?: number; now?: () => number }) {
    this.#path = join(options.dataDir, 'refused.json');
    this.#retentionMs = (options.retentionDays ?? 90) * dayMs;
    this.#now = options.now ?? Date.now;
  }

  /** Since the file exists. */
  get total(): number {
    return this.#total;
  }

  /** Newest first. */
  list(): RefusedPush[] {
    return this.#entries.toReversed();
  }

  record(rejection: Rejection): void {
    const { body, authorization, detail, userAgent, forwardedFor, urlsTried = [], keysTried = 0, ...rest } = rejection;
    this.#entries.push({
      ...rest,
      at: this.#now(),
      urlsTried: urlsTried.slice(0, maxUrls).map(truncateUrl),
      keysTried,
      bodyBytes: body.length,
      bodySha256: createHash('sha256').update(body).digest('hex'),
      bodyPrefix: Buffer.from(body.subarray(0, previewBytes)).toString('utf8'),
      ...(detail === undefined ? {} : { detail: truncate(detail, maxLength.detail) }),
      ...(forwardedFor === undefined ? {} : { forwardedFor: truncate(forwardedFor, maxLength.forwardedFor) }),
      ...(userAgent === undefined ? {} : { userAgent: truncate(userAgent, maxLength.userAgent) }),
      ...(authorization === undefined ? {} : { signatureStart: truncate(authorization, maxLength.signature) }),
    });
    this.#total += 1;
    this.#changed = true;
    if (this.#entries.length > maxEntries * 2) this.#entries = this.#entries.slice(-maxEntries);
  }

  /** Reads what an earlier process kept. */
  async load(): Promise<void> {
    const file = await readJsonFile(this.#path, File);
    if (file === undefined) return;
    this.#entries = [...file.last, ...this.#entries];
    this.#total += file.total;
  }

  /** Writes the file if something was added, or is older than the retention. */
  async save(): Promise<void> {
    const oldest = this.#now() - this.#retentionMs;
    const isOld = (this.#entries[0]?.at ?? Infinity) < oldest;
    if (!this.#changed && !isOld) return;
    this.#changed = false;
    this.#entries = this.#entries.filter(({ at }) => at >= oldest).slice(-maxEntries);
    await writeJsonFile(this.#path, { total: this.#total, last: this.#entries });
  }
}

function truncateUrl(url: string): string {
  return url.length > maxLength.url ? `${truncate(url, maxLength.url)}…` : url;
}

/** As a copy: a slice would keep the whole text in memory. */
function truncate(text: string, max: number): string {
  return Buffer.from(text.slice(0, max)).toString('utf8');
}
