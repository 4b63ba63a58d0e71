import type { AlarmNotification, Delivery } from '@shopee-webhook/store';
import type { DigestMode } from './digest-plan.ts';
import type { EventView } from './format/event.ts';
import type { Tier } from './format/urgency.ts';
import type { TopicKey } from './chat/topic-specs.ts';

/** Something of our own to say that never was in the outbox: a warning, or an answer to a command. */
export interface Notice {
  title: string;
  parts: Part[];
  buttons?: Button[][];
  /** Where to say it; topic System when left out. */
  threadId?: number | 'general';
  /** Called when it was sent. */
  onSent?: () => Promise<void>;
}

/** A notification in hand, read and routed. */
export interface Waiting {
  /** Absent for a notice, which never was in the outbox. */
  delivery: Delivery | undefined;
  content:
    | { kind: 'event'; view: EventView }
    | { kind: 'alarm'; alarm: AlarmNotification }
    | { kind: 'notice'; notice: Notice };
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
  /** `alone`: what is said where no files are taken. */
  | { kind: 'document'; html: string; fileName: string; content: string; alone: string }
  | { kind: 'edit'; html: string; messageId: number }
  /** Only the buttons change, to those of the job. */
  | { kind: 'keyboard'; html: ''; messageId: number };

export interface Button {
  text: string;
  data: string;
}

/** What a call left in the chat. */
export interface Sent {
  messageId: number;
  threadId: number | undefined;
}

/** One step of an order as its one message lists it. */
export interface OrderStep {
  /** ms */
  at: number;
  text: string;
}

/** The order that a message follows. */
export interface Followed {
  sn: string;
  steps: OrderStep[];
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
  /** Not in the topic's thread but in this one. */
  threadId: number | 'general' | undefined;
  /** With TELEGRAM_MODE=edit: what the order's one message will say has happened. */
  followed: Followed | undefined;
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
  return {
    buttons: [],
    threadId: undefined,
    followed: undefined,
    next: 0,
    sent: [],
    plain: false,
    general: false,
    recoveries: 0,
    ...parts,
  };
}
