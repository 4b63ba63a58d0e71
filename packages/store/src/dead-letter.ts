import { isUtf8 } from 'node:buffer';
import { NotAMessageError } from './errors.ts';
import { isObject, isRawJson, NOW, parseLossless, stringifyStamped } from './json.ts';
import {
  buildMessage,
  idOfBytes,
  newMessageId,
  parseMessage,
  withMetadata,
  type Message,
  type MessageMetadata,
  type PastDeath,
} from './message.ts';

/** A message given up on, as kept: the message as received, with these in its metadata. Times in ms. */
export interface DeadLetter {
  id: string;
  /** The record, letter by letter: its identity in the list. */
  raw: string;
  /** The payload, letter by letter; for what never was a message, see `garbage`. */
  payloadText: string | undefined;
  /** What lay in the list and was not a message: as text, or its bytes in base64 when they are no text. */
  garbage: { text: string } | { base64: string } | undefined;
  metadata: Partial<MessageMetadata>;
  reason: string;
  error: string;
  attempts: number;
  firstFailedAt: number | undefined;
  deadAt: number | undefined;
  history: PastDeath[];
  /** Read from the payload when it is a push. */
  code: number | undefined;
  shopId: string | undefined;
}

/** A message that was given up outside Redis: in the forwarder's spool. Times in ms. */
export interface BuriedMessage {
  id: string;
  payloadText: string;
  maxRetries: number;
  acceptedAt: number;
  firstFailedAt: number;
  deadAt: number;
  attempts: number;
  reason: string;
  error: string;
  history: PastDeath[];
}

const longestError = 2_000;
const longestHistory = 20;

/** Writes the record of a message that is given up. Redis fills in the time. */
export function deadLetterText(
  raw: string,
  message: Message,
  why: { reason: string; error: string; attempts: number },
): string {
  const { metadata } = message;
  return withMetadata(raw, message, {
    deliveries: undefined,
    last_error: undefined,
    reason: why.reason,
    error: clip(why.error),
    attempts: why.attempts,
    first_failed_at: metadata.first_failed_at ?? NOW,
    dead_at: NOW,
    history: metadata.history ?? [],
  });
}

/** Writes the record of a message that was given up elsewhere; the same message has the same record. */
export function buriedText(message: BuriedMessage): string {
  const { id, payloadText, maxRetries, acceptedAt, firstFailedAt, deadAt, attempts, reason, error, history } = message;
  const times = { enqueued_at: acceptedAt, first_failed_at: firstFailedAt, dead_at: deadAt };
  const why = { source: 'push', reason, error: clip(error), attempts, history };
  return buildMessage(id, payloadText, { max_retries: maxRetries, ...times, ...why });
}

/** Writes the record of what is not a message; the bytes are kept as they are. */
export function garbageText(raw: Buffer, error: string): { id: string; text: string } {
  const kept = isUtf8(raw) ? { garbage: raw.toString('utf8') } : { garbage_base64: raw.toString('base64') };
  const metadata = { reason: 'malformed', error, attempts: 0, first_failed_at: NOW, dead_at: NOW, history: [] };
  // Two of the same bytes are two dead letters.
  const id = newMessageId();
  return { id, text: stringifyStamped({ id, ...kept, metadata }) };
}

/** Writes the message that goes back into the line: as new, but it remembers that it died. Undefined for what is still no message. */
export function replayText(letter: DeadLetter): string | undefined {
  const { reason, error, attempts, firstFailedAt, deadAt, garbage } = letter;
  const raw = garbage === undefined ? letter.raw : 'text' in garbage ? garbage.text : '';
  const message = messageOr(raw);
  if (message === undefined) return undefined;
  const death = { reason, error, attempts, first_failed_at: firstFailedAt, dead_at: deadAt, replayed_at: NOW };
  return withMetadata(raw, message, {
    retry_count: 0,
    deliveries: undefined,
    reason: undefined,
    error: undefined,
    last_error: undefined,
    attempts: undefined,
    first_failed_at: undefined,
    dead_at: undefined,
    history: [...letter.history, death].slice(-longestHistory),
  });
}

/** Reads a record; also one that another program wrote, or that is nothing we know. */
export function parseDeadLetter(raw: string): DeadLetter {
  const value = parseOr(raw);
  const garbage = garbageOf(value);
  const message = garbage === undefined ? messageOr(raw) : undefined;
  const metadata: Partial<MessageMetadata> =
    message?.metadata ?? (isObject(value['metadata']) ? value['metadata'] : {});
  const push = message === undefined ? {} : parseOr(message.payloadText);
  return {
    id: message?.id ?? textOf(value['id']) ?? idOfBytes(raw),
    raw,
    payloadText: message?.payloadText,
    garbage: garbage ?? (message === undefined ? { text: raw } : undefined),
    metadata,
    reason: textOf(metadata.reason) ?? 'unknown',
    error: textOf(metadata['error']) ?? textOf(metadata.last_error) ?? '',
    attempts: numberOf(metadata['attempts']) ?? metadata.retry_count ?? 0,
    firstFailedAt: numberOf(metadata.first_failed_at),
    deadAt: numberOf(metadata['dead_at']),
    history: Array.isArray(metadata.history) ? metadata.history : [],
    code: numberOf(push['code']),
    shopId: textOf(push['shop_id'] ?? push['shopId']),
  };
}

/** An error's text, short enough to keep. */
export function clip(error: string): string {
  return error.length > longestError ? `${error.slice(0, longestError)}…` : error;
}

function garbageOf(value: Record<string, unknown>): DeadLetter['garbage'] {
  if (typeof value['garbage'] === 'string') return { text: value['garbage'] };
  return typeof value['garbage_base64'] === 'string' ? { base64: value['garbage_base64'] } : undefined;
}

function messageOr(raw: string): Message | undefined {
  try {
    return parseMessage(raw);
  } catch (error) {
    if (error instanceof NotAMessageError) return undefined;
    throw error;
  }
}

function parseOr(text: string): Record<string, unknown> {
  try {
    const value = parseLossless(text);
    return isObject(value) ? value : {};
  } catch {
    // Not JSON: shown as garbage.
    return {};
  }
}

function textOf(value: unknown): string | undefined {
  if (isRawJson(value)) return value.rawJSON;
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
