import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { readState, writeState } from './state-file.ts';

const RefusedPush = z.object({
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
  signatureStart: z.string().optional(),
  /** What was signed with each key in turn: each of these, `|` and the body. */
  urlsTried: z.array(z.string()),
  keysTried: z.number().int(),
  bodyBytes: z.number().int(),
  bodySha256: z.string(),
  /** For the dashboard only, behind its login: may hold anything that somebody sent. */
  bodyStart: z.string(),
});

/** A push that was not accepted, with what is needed to find out why. Holds no key and no whole body. */
export type RefusedPush = z.infer<typeof RefusedPush>;

export interface Refusal {
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

const kept = 200;
const startBytes = 200;
/** As many as a request without WEBHOOK_URL is tried with. */
const mostUrls = 12;
const longest = { url: 300, detail: 500, forwardedFor: 100, userAgent: 200, signature: 12 };
const dayMs = 24 * 3_600_000;
const File = z.object({ total: z.number().int(), last: z.array(RefusedPush) });

/** The last 200 refused pushes, in memory and, some seconds later, in DATA_DIR/refused.json. */
export class RefusedPushes {
  readonly #path: string;
  readonly #now: () => number;
  readonly #keptMs: number;
  #last: RefusedPush[] = [];
  #total = 0;
  #changed = false;

  constructor(options: { dataDir: string; retentionDays?: number; now?: () => number }) {
    this.#path = join(options.dataDir, 'refused.json');
    this.#keptMs = (options.retentionDays ?? 90) * dayMs;
    this.#now = options.now ?? Date.now;
  }

  /** Since the file exists. */
  get total(): number {
    return this.#total;
  }

  /** Newest first. */
  list(): RefusedPush[] {
    return this.#last.toReversed();
  }

  add(refusal: Refusal): void {
    const { body, authorization, detail, userAgent, forwardedFor, urlsTried = [], keysTried = 0, ...rest } = refusal;
    this.#last.push({
      ...rest,
      at: this.#now(),
      urlsTried: urlsTried.slice(0, mostUrls).map(shortened),
      keysTried,
      bodyBytes: body.length,
      bodySha256: createHash('sha256').update(body).digest('hex'),
      bodyStart: Buffer.from(body.subarray(0, startBytes)).toString('utf8'),
      ...(detail === undefined ? {} : { detail: startOf(detail, longest.detail) }),
      ...(forwardedFor === undefined ? {} : { forwardedFor: startOf(forwardedFor, longest.forwardedFor) }),
      ...(userAgent === undefined ? {} : { userAgent: startOf(userAgent, longest.userAgent) }),
      ...(authorization === undefined ? {} : { signatureStart: startOf(authorization, longest.signature) }),
    });
    this.#total += 1;
    this.#changed = true;
    if (this.#last.length > kept * 2) this.#last = this.#last.slice(-kept);
  }

  /** Reads what an earlier process kept. */
  async load(): Promise<void> {
    const file = await readState(this.#path, File);
    if (file === undefined) return;
    this.#last = [...file.last, ...this.#last];
    this.#total += file.total;
  }

  /** Writes the file if something was added, or is older than the retention. */
  async save(): Promise<void> {
    const oldest = this.#now() - this.#keptMs;
    const isOld = (this.#last[0]?.at ?? Infinity) < oldest;
    if (!this.#changed && !isOld) return;
    this.#changed = false;
    this.#last = this.#last.filter(({ at }) => at >= oldest).slice(-kept);
    await writeState(this.#path, { total: this.#total, last: this.#last });
  }
}

function shortened(url: string): string {
  return url.length > longest.url ? `${startOf(url, longest.url)}…` : url;
}

/** As a copy: a slice would keep the whole text in memory. */
function startOf(text: string, most: number): string {
  return Buffer.from(text.slice(0, most)).toString('utf8');
}
