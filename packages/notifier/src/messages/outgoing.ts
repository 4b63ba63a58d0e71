import type { AlertNotification, Delivery } from '@shopee-webhook/store';
import type { DigestMode } from '@shopee-webhook/runtime';
import type { EventView } from './event-view.ts';

/** The topic of a message: an event code, or one of our own. */
export type TopicKey = `${number}` | 'system' | 'ship-by';

/** 0 our own alerts, 1 events that need action, 2 everything else: the order in which a chat's budget is spent. */
export type Priority = 0 | 1 | 2;

/** A message of our own that never was in the outbox: a warning, or the reply to a command. */
export interface SystemMessage {
  title: string;
  parts: MessagePart[];
  buttons?: Button[][];
  /** Where to send it; topic System when left out. */
  threadId?: number | 'general';
  /** Called after it was sent. */
  onSent?: () => Promise<void>;
}

/** A notification in flight, parsed and routed. */
export interface QueuedNotification {
  /** Absent for a system message, which never was in the outbox. */
  delivery: Delivery | undefined;
  content:
    | { kind: 'event'; view: EventView }
    | { kind: 'alert'; alert: AlertNotification }
    | { kind: 'system'; message: SystemMessage };
  /** The chat as configured. */
  chat: string;
  topic: TopicKey;
  priority: Priority;
  digest: DigestMode;
  /** With TELEGRAM_MODE=edit: the order (`shop|number`) whose one message this belongs to. */
  orderThread: string | undefined;
  /** When it was enqueued, ms. */
  enqueuedAt: number;
  /** The same by the monotonic clock: what its age is measured from. */
  since: number;
}

/** A part of a message, sent by one call. */
export type MessagePart =
  | { kind: 'text'; html: string; replyTo?: number }
  /** `alone`: the text where files are not allowed. */
  | { kind: 'document'; html: string; fileName: string; content: string; alone: string }
  | { kind: 'edit'; html: string; messageId: number }
  /** Only the buttons change, to those of the message. */
  | { kind: 'keyboard'; html: ''; messageId: number };

export interface Button {
  text: string;
  data: string;
}

/** A message in the chat. */
export interface SentMessage {
  messageId: number;
  threadId: number | undefined;
}

/** One step of an order in its one message. */
export interface OrderStep {
  /** ms */
  at: number;
  text: string;
}

/** The order of a message in TELEGRAM_MODE=edit. */
export interface OrderThread {
  /** `shop|number`: order numbers are unique within a marketplace only. */
  key: string;
  steps: OrderStep[];
}

/** One outgoing message, which may take several calls; its progress survives a failed call. */
export interface OutgoingMessage {
  kind: 'single' | 'digest' | 'order';
  items: QueuedNotification[];
  topic: TopicKey;
  priority: Priority;
  silent: boolean;
  parts: MessagePart[];
  buttons: Button[][];
  /** Overrides the topic's thread. */
  threadId: number | 'general' | undefined;
  /** With TELEGRAM_MODE=edit: the steps that the order's one message will show. */
  orderThread: OrderThread | undefined;
  /** Index of the next part. */
  nextPart: number;
  sent: SentMessage[];
  /** Telegram could not parse it: the rest is sent as plain text. */
  asPlainText: boolean;
  /** Its topic is unusable: it goes to General, prefixed with the topic's name. */
  toGeneralTopic: boolean;
  fallbackCount: number;
}

/** A message that has not been started. */
export function newOutgoingMessage(
  parts: Pick<OutgoingMessage, 'kind' | 'items' | 'topic' | 'priority' | 'silent' | 'parts'> & Partial<OutgoingMessage>,
): OutgoingMessage {
  return {
    buttons: [],
    threadId: undefined,
    orderThread: undefined,
    nextPart: 0,
    sent: [],
    asPlainText: false,
    toGeneralTopic: false,
    fallbackCount: 0,
    ...parts,
  };
}
