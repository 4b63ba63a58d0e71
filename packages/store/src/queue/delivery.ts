import { isUtf8 } from 'node:buffer';
import type { ActivityEntry } from '../activity/activity-entry.ts';
import { MalformedMessageError } from '../redis/errors.ts';
import { parseMessage, type MessageMetadata } from '../messages/message.ts';

/** One delivery of a message. */
export interface Delivery {
  id: string;
  /** The exact text of the message: its identity in the processing list. */
  raw: string;
  payloadText: string;
  metadata: MessageMetadata;
  /** From 1; counts failures, not deliveries. */
  attempt: number;
  consumer: string;
}

/** How a delivery ended. */
export type Outcome =
  | { kind: 'ack' }
  | { kind: 'retry'; delayMs: number; reason: string; error: string; countsAsFailure: boolean }
  | { kind: 'dead-letter'; reason: string; error: string };

export interface Settlement {
  delivery: Delivery;
  outcome: Outcome;
  /** Payload (JSON text) of a notification for the outbox. */
  notification?: string | undefined;
  /** Activity that is written only if the settlement counts. */
  activity?: ActivityEntry[] | undefined;
}

/** Parses an element of the queue; the error says why it is not a message. */
export function parseDelivery(bytes: Buffer, consumer: string): Delivery | MalformedMessageError {
  if (!isUtf8(bytes)) return new MalformedMessageError('not UTF-8');
  const raw = bytes.toString('utf8');
  try {
    const { id, payloadText, metadata } = parseMessage(raw);
    return { id, raw, payloadText, metadata, attempt: metadata.retry_count + 1, consumer };
  } catch (error) {
    if (error instanceof MalformedMessageError) return error;
    throw error;
  }
}
