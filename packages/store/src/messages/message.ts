import { createHash, randomInt } from 'node:crypto';
import { systemClock } from '@shopee-webhook/runtime/clock';
import { z } from 'zod';
import { MalformedMessageError } from '../redis/errors.ts';
import { isObject, isShallow, memberSpans, parseLossless, stringifyWithServerTime, type Span } from './json.ts';

/** Where a message came from. */
export type MessageSource = 'push' | 'lost-push' | 'reconcile' | 'backfill' | 'refresh' | 'payout' | 'replay' | 'spool';

/** An earlier death of a message that was replayed. Times in ms. */
export const PreviousDeadLetter = z.object({
  reason: z.string().optional(),
  error: z.string().optional(),
  attempts: z.number().optional(),
  first_failed_at: z.number().optional(),
  dead_at: z.number().optional(),
  replayed_at: z.number().optional(),
});
export type PreviousDeadLetter = z.infer<typeof PreviousDeadLetter>;

/** What a message carries beside its payload. Keys that other programs wrote are kept. Times in ms. */
export interface MessageMetadata {
  enqueued_at: number;
  retry_count: number;
  max_retries: number;
  /** Deliveries that never came to an end: the consumer died. */
  delivery_count?: number | undefined;
  /** How many were in flight with it at the last crash, itself included. */
  group_size?: number | undefined;
  /** At how many crashes it was the only one. */
  alone_count?: number | undefined;
  /** A MessageSource, or what another program wrote. */
  source?: string | undefined;
  first_failed_at?: number | undefined;
  last_error?: string | undefined;
  reason?: string | undefined;
  history?: PreviousDeadLetter[] | undefined;
  [key: string]: unknown;
}

/** A message as read from a list. */
export interface Message {
  id: string;
  /** The payload, letter by letter. */
  payloadText: string;
  metadata: MessageMetadata;
}

/** A message that is no suspect, or no longer: what a crash left in its metadata is dropped. */
export const unsuspected = { delivery_count: undefined, group_size: undefined, alone_count: undefined } as const;

export const defaultMaxRetries = 3;

const counterLimit = 2 ** 40;
/** Begins anywhere, so that no two processes count the same in the same second. */
let counter = randomInt(counterLimit);
const idBytes = Buffer.alloc(9);

/**
 * 12 letters of base64url: the second, then a count. Those of one time lie together wherever they are sorted, so that an
 * index of them is written in few pages, not in one of its own for each.
 */
export function newMessageId(): string {
  counter = (counter + 1) % counterLimit;
  idBytes.writeUInt32BE((systemClock.wallMs() / 1_000) >>> 0, 0);
  idBytes.writeUIntBE(counter, 4, 5);
  return idBytes.toString('base64url');
}

/**
 * Writes a new message around a payload, which goes in letter by letter. `enqueued_at` is NOW unless it is given;
 * the text then holds a NUL, which the enqueue script replaces by Redis' time.
 */
export function buildMessage(
  id: string,
  payloadText: string,
  metadata: {
    enqueued_at?: number | undefined;
    max_retries?: number | undefined;
    retry_count?: number | undefined;
    source?: string | undefined;
  } = {},
): string {
  const { enqueued_at = '\0', max_retries = defaultMaxRetries, retry_count = 0, source, ...rest } = metadata;
  // Put together by hand, for each push comes by here.
  const first = `"enqueued_at":${enqueued_at},"retry_count":${retry_count},"max_retries":${max_retries}`;
  const from = source === undefined ? '' : `,"source":${JSON.stringify(source)}`;
  const others = Object.keys(rest).length === 0 ? '' : `,${stringifyWithServerTime(rest).slice(1, -1)}`;
  const meta = first + from + others;
  return `{"id":${JSON.stringify(id)},"payload":${payloadText},"metadata":{${meta}}}`;
}

/**
 * Reads a message: ours, another program's in whatever layout, or a bare push that someone LPUSHed. What carries no id
 * gets a new one at each reading.
 * @throws MalformedMessageError when it is none of them
 */
export function parseMessage(raw: string, now = systemClock.wallMs()): Message {
  const value = parseObject(raw);
  const { payload, metadata } = value;
  if (payload === undefined && Number.isInteger(value['code'])) return messageFromPush(raw, value['timestamp'], now);
  if (!isObject(payload)) throw new MalformedMessageError('neither a message nor a push');
  if (metadata !== undefined && metadata !== null && !isObject(metadata)) {
    throw new MalformedMessageError('its metadata is not an object');
  }
  const spans = memberSpans(raw);
  const metadataText = textOfSpan(raw, spans, 'metadata');
  if (!isShallow(metadataText)) throw new MalformedMessageError('its metadata is nested too deep');
  const given = isObject(metadata) ? parseLossless(metadataText) : {};
  return {
    id: parseId(value['id'], textOfSpan(raw, spans, 'id')),
    payloadText: textOfSpan(raw, spans, 'payload'),
    metadata: {
      ...(isObject(given) ? given : {}),
      ...parseKnownMetadata(isObject(metadata) ? metadata : {}, now),
      ...parseHistory(given),
    },
  };
}

/**
 * A message with other metadata; everything else stays letter by letter. A bare push gets its envelope.
 * Keys that are `undefined` in `changes` are dropped; NOW becomes Redis' time in the script that stores the text.
 */
export function withMetadata(raw: string, message: Message, changes: Record<string, unknown>): string {
  const metadata = stringifyWithServerTime({ ...message.metadata, ...changes });
  const spans = memberSpans(raw);
  const given = spans.get('metadata');
  if (spans.has('payload') && spans.has('id') && given !== undefined) {
    return raw.slice(0, given.start) + metadata + raw.slice(given.end);
  }
  return `{"id":${JSON.stringify(message.id)},"payload":${message.payloadText},"metadata":${metadata}}`;
}

/** An id for what is no message: the same bytes have the same one wherever they are read. */
export function hashId(raw: string | Buffer): string {
  return createHash('sha256').update(raw).digest('base64url').slice(0, 12);
}

function parseObject(raw: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(raw);
  } catch (cause) {
    throw new MalformedMessageError('not JSON', { cause });
  }
  if (!isObject(value)) throw new MalformedMessageError('not an object');
  return value;
}

function messageFromPush(raw: string, timestamp: unknown, now: number): Message {
  const pushedAt = typeof timestamp === 'number' && timestamp > 0 ? timestamp * 1000 : now;
  const metadata = { enqueued_at: Math.min(pushedAt, now), retry_count: 0, max_retries: defaultMaxRetries };
  return { id: newMessageId(), payloadText: raw, metadata };
}

function textOfSpan(raw: string, spans: Map<string, Span>, key: string): string {
  const span = spans.get(key);
  return span === undefined ? '' : raw.slice(span.start, span.end);
}

function parseId(id: unknown, text: string): string {
  if (typeof id === 'string' && id !== '') return id;
  return typeof id === 'number' ? text : newMessageId();
}

const Count = z.number().int().nonnegative();
const KnownMetadata = z.object({
  enqueued_at: z.union([z.number(), z.string()]).transform(toMilliseconds).pipe(z.number().positive()).catch(0),
  retry_count: Count.catch(0),
  max_retries: Count.catch(defaultMaxRetries),
  delivery_count: Count.optional().catch(undefined),
  group_size: Count.optional().catch(undefined),
  alone_count: Count.optional().catch(undefined),
  source: z.string().optional().catch(undefined),
  first_failed_at: z.number().optional().catch(undefined),
  last_error: z.string().optional().catch(undefined),
  reason: z.string().optional().catch(undefined),
});

/** The keys that we use, whatever another program put there. */
function parseKnownMetadata(given: Record<string, unknown>, now: number): MessageMetadata {
  const { enqueued_at, retry_count, max_retries, ...rest } = KnownMetadata.parse(given);
  const present = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return { enqueued_at: enqueued_at === 0 ? now : enqueued_at, retry_count, max_retries, ...present };
}

function parseHistory(given: unknown): { history?: PreviousDeadLetter[] } {
  if (!isObject(given) || given['history'] === undefined) return {};
  const { history } = given;
  return { history: Array.isArray(history) ? history.filter((entry) => isObject(entry)) : [] };
}

/** Other programs write seconds, milliseconds or an ISO date. */
function toMilliseconds(value: number | string): number {
  const time = typeof value === 'number' ? value : Number.isNaN(Number(value)) ? Date.parse(value) : Number(value);
  // Before 1973 as milliseconds: these are seconds.
  return time < 1e11 ? Math.round(time * 1000) : Math.round(time);
}
