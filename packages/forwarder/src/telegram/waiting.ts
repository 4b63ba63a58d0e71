import type { AlarmNotification, Delivery } from '@shopee-webhook/store';
import type { DigestMode } from './digest-plan.ts';
import type { EventView } from './format/event.ts';
import type { Tier } from './format/urgency.ts';
import type { TopicKey } from './topic-specs.ts';

/** A notification in hand, read and routed. */
export interface Waiting {
  /** Absent for what was never in the outbox: an alarm while Redis is away. */
  delivery: Delivery | undefined;
  content: { kind: 'event'; view: EventView } | { kind: 'alarm'; alarm: AlarmNotification };
  /** The chat as configured. */
  chat: string;
  topic: TopicKey;
  tier: Tier;
  digest: DigestMode;
  /** With TELEGRAM_MODE=edit: the order whose one message this belongs to. */
  follows: string | undefined;
  /** ms; since when it waits. */
  since: number;
}

/** A piece of a job that one call sends. */
export type Part =
  | { kind: 'text'; html: string; replyTo?: number }
  | { kind: 'document'; html: string; fileName: string; content: string }
  | { kind: 'edit'; html: string; messageId: number };

export interface Button {
  text: string;
  data: string;
}

/** What a call left in the chat. */
export interface Sent {
  messageId: number;
  threadId: number | undefined;
}

/** One message to be, which may take several calls; how far it came survives a failed call. */
export interface Job {
  kind: 'single' | 'digest' | 'follow';
  items: Waiting[];
  topic: TopicKey;
  tier: Tier;
  silent: boolean;
  parts: Part[];
  buttons: Button[][];
  /** Index of the part that comes next. */
  next: number;
  sent: Sent[];
  /** Telegram could not parse it: the rest goes as plain text. */
  plain: boolean;
  /** Its topic cannot be written to: it goes to General, with the topic's name before it. */
  general: boolean;
  recoveries: number;
}

/** A job that has not begun. */
export function newJob(parts: Pick<Job, 'kind' | 'items' | 'topic' | 'tier' | 'silent' | 'parts'> & Partial<Job>): Job {
  return { buttons: [], next: 0, sent: [], plain: false, general: false, recoveries: 0, ...parts };
}
