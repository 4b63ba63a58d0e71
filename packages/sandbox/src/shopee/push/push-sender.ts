import { createHmac } from 'node:crypto';
import { systemClock } from '@shopee-webhook/runtime';
import { z } from 'zod';
import type { PushBody } from '../orders/order-record.ts';
import { toJson } from '../data/json.ts';
import { randomOf, type Random } from '../data/random.ts';
import { LostPushes, type LostPush } from './lost-pushes.ts';
import { PushClient } from './push-client.ts';
import { PushHealth } from './push-health.ts';

export interface PushOptions {
  /** Signs every push; Shopee calls it the Live Push Partner Key. */
  pushKey: string;
  now: () => number;
  seed: number;
  /** Waits before the second, third and fourth try, in ms; Shopee: 300, 1,800 and 10,800 s (webchat 1, 2 and 3 s). */
  retryDelaysMs?: readonly number[];
  /** Multiplies all waits between tries; 0.001 makes 300 s into 0.3 s. */
  retryScale?: number;
  /** Shopee: 3,000, and 2,000 for webchat. */
  timeoutMs?: number;
  /** Part of the pushes that are sent twice, though the first was answered well. */
  duplicates?: number;
  /** Pushes leave up to that much later, so that they overtake each other. */
  shuffleMs?: number;
  /** Pushes kept for the page and for tests. */
  maxRecords?: number;
  /** Tries at one time. */
  maxInFlight?: number;
  /** The shops whose pushes have a `msg_id` in the envelope. */
  hasMessageId?: (shopId: number) => boolean;
  health?: { windowMs?: number; minimum?: number };
}

export interface PushAttempt {
  /** ms */
  at: number;
  ms: number;
  status?: number;
  bodyBytes?: number;
  error?: string;
  /** 2xx and an empty body, in time. */
  succeeded: boolean;
}

export interface PushRecord {
  id: number;
  code: number;
  shopId: number | undefined;
  text: string;
  at: number;
  attempts: PushAttempt[];
  /** `dropped`: the subscription was off, suspended or the shop blocked; Shopee never sends it again. */
  state: 'sending' | 'delivered' | 'waiting' | 'lost' | 'dropped';
}

export interface PushConfig {
  callbackUrl: string;
  blockedShops: number[];
  /** Codes that are not sent. */
  off: number[];
}

export interface PushState {
  config: PushConfig;
  lost: readonly LostPush[];
  waiting: { code: number; shopId: number | undefined; text: string; attempts: number }[];
}

const webchat = 10;

/** Sends pushes as Shopee does: signed, at least once, in no order, with its retries and its judgement of the responses. */
export class PushSender {
  readonly config: PushConfig;
  readonly lost: LostPushes;
  readonly health: PushHealth;
  readonly options: PushOptions;
  readonly #client = new PushClient();
  readonly #random: Random;
  readonly #records: PushRecord[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #queue: (() => void)[] = [];
  #inFlight = 0;
  #next = 1;
  #closed = false;

  constructor(options: PushOptions & { callbackUrl?: string }) {
    this.options = options;
    this.config = { callbackUrl: options.callbackUrl ?? '', blockedShops: [], off: [] };
    this.lost = new LostPushes(options.now);
    this.health = new PushHealth({ now: options.now, ...options.health });
    this.#random = randomOf(options.seed, 'pushes');
  }

  /** The latest pushes, oldest first. */
  get records(): readonly PushRecord[] {
    return this.#records;
  }

  /** Sends one push; resolves after its first try, whatever came of it. A text is sent byte for byte. */
  async send(push: PushBody | string): Promise<PushRecord> {
    const record = this.#addRecord(push);
    if (this.config.callbackUrl === '' || this.#isOff(record)) {
      record.state = 'dropped';
      return record;
    }
    const { shuffleMs = 0, duplicates = 0 } = this.options;
    const repeat = this.#random.chance(duplicates);
    if (shuffleMs > 0) await this.#wait(this.#random.int(0, shuffleMs));
    await this.#attempt(record);
    if (repeat) await this.#attempt(record);
    return record;
  }

  /** Shopee's verification of a callback URL: 2xx within 3 s, the body does not matter. Throws when it fails. */
  async verify(url: string): Promise<void> {
    const text =
      '{"code":0,"data":{"verify_info":"This is a Verification message.Please respond in the certain format."}}';
    const response = await this.#client.post(url, {
      authorization: this.sign(text, url),
      body: text,
      timeoutMs: this.options.timeoutMs ?? 3000,
    });
    if (response.status < 200 || response.status > 299) throw new VerificationFailedError(response.status);
  }

  /** Hex HMAC-SHA256 of `url|body` (guide 18). */
  sign(text: string, url: string = this.config.callbackUrl): string {
    return createHmac('sha256', this.options.pushKey).update(`${url}|${text}`).digest('hex');
  }

  state(): PushState {
    const waiting = this.#records.filter((record) => record.state === 'waiting');
    return {
      config: this.config,
      lost: this.lost.all(),
      waiting: waiting.map(({ code, shopId, text, attempts }) => ({ code, shopId, text, attempts: attempts.length })),
    };
  }

  /** Goes on where another sender stopped; pushes that waited for their next try are tried again. */
  restore(state: PushState): void {
    Object.assign(this.config, state.config);
    this.lost.restore(state.lost);
    for (const { text } of state.waiting) this.#scheduleRetry(this.#addRecord(text), 0);
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    for (const go of this.#queue.splice(0)) go();
    this.#client.close();
  }

  /** One for each push, the same in its repeats; empty for chat. */
  #messageId({ code, shop_id: shopId }: PushBody): { msg_id?: string } {
    if (shopId === undefined || this.options.hasMessageId?.(shopId) !== true) return {};
    if (code === webchat) return { msg_id: '' };
    return {
      msg_id: Math.floor(this.#random.next() * 2 ** 48)
        .toString(16)
        .padStart(16, 'a'),
    };
  }

  #addRecord(push: PushBody | string): PushRecord {
    const text = typeof push === 'string' ? push : toJson({ ...this.#messageId(push), ...push });
    const { code, shopId } = parseHead(push);
    const record: PushRecord = {
      id: this.#next,
      code,
      shopId,
      text,
      at: this.options.now(),
      attempts: [],
      state: 'sending',
    };
    this.#next += 1;
    this.#records.push(record);
    const maxRecords = this.options.maxRecords ?? 5000;
    if (this.#records.length > maxRecords * 1.2) this.#records.splice(0, this.#records.length - maxRecords);
    return record;
  }

  #isOff({ code, shopId }: PushRecord): boolean {
    if (this.health.status() === 'Suspended' || this.config.off.includes(code)) return true;
    return shopId !== undefined && this.config.blockedShops.includes(shopId);
  }

  async #attempt(record: PushRecord): Promise<void> {
    if (this.#inFlight >= (this.options.maxInFlight ?? 64))
      await new Promise<void>((resolve) => this.#queue.push(resolve));
    if (this.#closed) return;
    this.#inFlight += 1;
    const result = await this.#post(record);
    this.#inFlight -= 1;
    this.#queue.shift()?.();
    record.attempts.push(result);
    this.health.record(result.succeeded);
    this.#settle(record, result);
  }

  async #post(record: PushRecord): Promise<PushAttempt> {
    const at = this.options.now();
    const started = systemClock.monotonicMs();
    const timeoutMs = this.options.timeoutMs ?? (record.code === webchat ? 2000 : 3000);
    const url = this.config.callbackUrl;
    try {
      const authorization = this.sign(record.text, url);
      const response = await this.#client.post(url, { authorization, body: record.text, timeoutMs });
      const succeeded = response.status >= 200 && response.status <= 299 && response.bodyBytes === 0;
      return { at, ms: systemClock.monotonicMs() - started, ...response, succeeded };
    } catch (error) {
      return {
        at,
        ms: systemClock.monotonicMs() - started,
        error: error instanceof Error ? error.message : String(error),
        succeeded: false,
      };
    }
  }

  #settle(record: PushRecord, result: PushAttempt): void {
    // The repeat of a delivered push changes nothing, whatever its response.
    if (record.state === 'delivered' || this.#closed) return;
    if (result.succeeded) {
      record.state = 'delivered';
      return;
    }
    const delay = (this.options.retryDelaysMs ?? retryDelaysOf(record.code))[record.attempts.length - 1];
    if (delay === undefined) {
      record.state = 'lost';
      this.lost.add(record);
      return;
    }
    record.state = 'waiting';
    this.#scheduleRetry(record, delay * (this.options.retryScale ?? 1));
  }

  #scheduleRetry(record: PushRecord, delayMs: number): void {
    record.state = 'waiting';
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      // A suspended subscription sends nothing more, and what it would have sent is gone.
      if (this.#isOff(record)) record.state = 'dropped';
      else this.#attempt(record).catch((error: unknown) => process.emitWarning(String(error)));
    }, delayMs);
    this.#timers.add(timer);
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        resolve();
      }, ms);
      this.#timers.add(timer);
    });
  }
}

/** The waits between a push's tries, in ms, by the official page of its code. */
export function retryDelaysOf(code: number): readonly number[] {
  return code === webchat ? [1000, 2000, 3000] : [300_000, 1_800_000, 10_800_000];
}

/** The callback URL answered its verification with another status than 2xx. */
export class VerificationFailedError extends Error {
  override name = 'VerificationFailedError';
  readonly status: number;

  constructor(status: number) {
    super(`answered ${status}`);
    this.status = status;
  }
}

const Head = z.object({ code: z.number().catch(-1), shop_id: z.number().optional().catch(undefined) });

function parseHead(push: PushBody | string): { code: number; shopId: number | undefined } {
  if (typeof push !== 'string') return { code: push.code, shopId: push.shop_id };
  try {
    const { code, shop_id } = Head.parse(JSON.parse(push));
    return { code, shopId: shop_id };
  } catch {
    // Deliberately broken texts are sent as they are.
    return { code: -1, shopId: undefined };
  }
}
