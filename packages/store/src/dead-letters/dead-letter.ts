import { isUtf8 } from 'node:buffer';
import { MalformedMessageError } from '../redis/errors.ts';
import {
  isObject,
  isRawJson,
  serverTimePlaceholder,
  parseLossless,
  stringifyWithServerTime,
} from '../messages/json.ts';
import {
  buildMessage,
  hashId,
  newMessageId,
  parseMessage,
  withMetadata,
  type Message,
  type MessageMetadata,
  type PreviousDeadLetter,
  unsuspected,
} from '../messages/message.ts';

/** A dead letter: the message as received, with these in its metadata. Times in ms. */
export interface DeadLetter {
  /** Its address: the message's id, with a suffix where another dead letter has that already. */
  id: string;
  messageId: string;
  /** The exact record. */
  raw: string;
  /** The exact payload; for what never was a message, see `malformed`. */
  payloadText: string | undefined;
  /** What was not a message: as text, or its bytes in base64 when they are not UTF-8. */
  malformed: { text: string } | { base64: string } | undefined;
  metadata: Partial<MessageMetadata>;
  reason: string;
  error: string;
  attempts: number;
  firstFailedAt: number | undefined;
  deadLetteredAt: number | undefined;
  history: PreviousDeadLetter[];
  /** Read from the payload when it is a push. */
  code: number | undefined;
  shopId: string | undefined;
}

/** A message that was given up outside Redis: in the forwarder's spool. Times in ms. */
export interface DeadLetterInput {
  id: string;
  payloadText: string;
  maxRetries: number;
  acceptedAt: number;
  firstFailedAt: number;
  deadLetteredAt: number;
  attempts: number;
  reason: string;
  error: string;
  history: PreviousDeadLetter[];
}

const maxErrorLength = 2_000;
const maxHistoryLength = 20;

/** Builds the record of a message that is dead-lettered. Redis fills in the time. */
export function deadLetterRecord(
  raw: string,
  message: Message,
  failure: { reason: string; error: string; attempts: number },
): string {
  const { metadata } = message;
  return withMetadata(raw, message, {
    ...unsuspected,
    last_error: undefined,
    reason: failure.reason,
    error: truncate(failure.error),
    attempts: failure.attempts,
    first_failed_at: metadata.first_failed_at ?? serverTimePlaceholder,
    dead_at: serverTimePlaceholder,
    history: metadata.history ?? [],
  });
}

/** Builds the record of a message that was given up elsewhere; the same message has the same record. */
export function toDeadLetterRecord(message: DeadLetterInput): string {
  const { id, payloadText, maxRetries, acceptedAt, firstFailedAt, deadLetteredAt, attempts, reason, error, history } =
    message;
  const times = { enqueued_at: acceptedAt, first_failed_at: firstFailedAt, dead_at: deadLetteredAt };
  const failure = { source: 'push', reason, error: truncate(error), attempts, history };
  return buildMessage(id, payloadText, { max_retries: maxRetries, ...times, ...failure });
}

/** Builds the record of what is not a message, with its exact bytes. */
export function malformedRecord(raw: Buffer, error: string): { id: string; text: string } {
  const malformed = isUtf8(raw) ? { malformed: raw.toString('utf8') } : { malformed_base64: raw.toString('base64') };
  const metadata = {
    reason: 'malformed',
    error,
    attempts: 0,
    first_failed_at: serverTimePlaceholder,
    dead_at: serverTimePlaceholder,
    history: [],
  };
  // Two of the same bytes are two dead letters.
  const id = newMessageId();
  return { id, text: stringifyWithServerTime({ id, ...malformed, metadata }) };
}

/** Builds the message that is requeued: as new, with its failure in its history. Undefined for what is still not a message. */
export function replayText(letter: DeadLetter): string | undefined {
  const { reason, error, attempts, firstFailedAt, deadLetteredAt, malformed } = letter;
  const raw = malformed === undefined ? letter.raw : 'text' in malformed ? malformed.text : '';
  const message = tryParseMessage(raw);
  if (message === undefined) return undefined;
  const previous: Record<string, unknown> = {
    reason,
    error,
    attempts,
    first_failed_at: firstFailedAt,
    dead_at: deadLetteredAt,
    replayed_at: serverTimePlaceholder,
  };
  return withMetadata(raw, message, {
    retry_count: 0,
    ...unsuspected,
    reason: undefined,
    error: undefined,
    last_error: undefined,
    attempts: undefined,
    first_failed_at: undefined,
    dead_at: undefined,
    history: [...letter.history, previous].slice(-maxHistoryLength),
  });
}

/** Parses a record; also one that another program wrote, or that is malformed. */
export function parseDeadLetter(raw: string): DeadLetter {
  const value = tryParseObject(raw);
  const malformed = parseMalformed(value);
  const message = malformed === undefined ? tryParseMessage(raw) : undefined;
  const metadata: Partial<MessageMetadata> =
    message?.metadata ?? (isObject(value['metadata']) ? value['metadata'] : {});
  const push = message === undefined ? {} : tryParseObject(message.payloadText);
  const id = message?.id ?? toText(value['id']) ?? hashId(raw);
  return {
    id,
    messageId: id,
    raw,
    payloadText: message?.payloadText,
    malformed: malformed ?? (message === undefined ? { text: raw } : undefined),
    metadata,
    reason: toText(metadata.reason) ?? 'unknown',
    error: toText(metadata['error']) ?? toText(metadata.last_error) ?? '',
    attempts: toNumber(metadata['attempts']) ?? metadata.retry_count ?? 0,
    firstFailedAt: toNumber(metadata.first_failed_at),
    deadLetteredAt: toNumber(metadata['dead_at']),
    history: Array.isArray(metadata.history) ? metadata.history : [],
    code: toNumber(push['code']),
    shopId: toText(push['shop_id'] ?? push['shopId']),
  };
}

/** An error's text, short enough to store. */
export function truncate(error: string): string {
  return error.length > maxErrorLength ? `${error.slice(0, maxErrorLength)}…` : error;
}

function parseMalformed(value: Record<string, unknown>): DeadLetter['malformed'] {
  if (typeof value['malformed'] === 'string') return { text: value['malformed'] };
  return typeof value['malformed_base64'] === 'string' ? { base64: value['malformed_base64'] } : undefined;
}

function tryParseMessage(raw: string): Message | undefined {
  try {
    return parseMessage(raw);
  } catch (error) {
    if (error instanceof MalformedMessageError) return undefined;
    throw error;
  }
}

function tryParseObject(text: string): Record<string, unknown> {
  try {
    const value = parseLossless(text);
    return isObject(value) ? value : {};
  } catch {
    // Not JSON: shown as malformed.
    return {};
  }
}

function toText(value: unknown): string | undefined {
  if (isRawJson(value)) return value.rawJSON;
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function toNumber(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
