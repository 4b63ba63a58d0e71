import type { AlertNotification, Delivery } from '@shopee-webhook/store';
import type { DigestMode } from '../config/digest-plan.ts';
import type { EventView } from '../format/event.ts';
import type { Priority } from '../routing/priority.ts';
import type { TopicKey } from '../format/topic-styles.ts';

/** Something of our own to say that never was in the outbox: a warning, or an answer to a command. */
export interface SystemMessage {
  title: string;
  parts: MessagePart[];
  buttons?: Button[][];
  /** Where to say it; topic System when left out. */
  threadId?: number | 'general';
  /** Called when it was sent. */
  onSent?: () => Promise<void>;
}

/** A notification in hand, read and routed. */
export interface QueuedNotification {
  /** Absent for a notice, which never was in the outbox. */
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
  /** With TELEGRAM_MODE=edit: the order whose one message this belongs to. */
  orderThread: string | undefined;
  /** ms; since when it waits. */
  since: number;
}

/** A piece of a message that one call sends. */
export type MessagePart =
  | { kind: 'text'; html: string; replyTo?: number }
  /** `alone`: what is said where no files are taken. */
  | { kind: 'document'; html: string; fileName: string; content: string; alone: string }
  | { kind: 'edit'; html: string; messageId: number }
  /** Only the buttons change, to those of the message. */
  | { kind: 'keyboard'; html: ''; messageId: number };

export interface Button {
  text: string;
  data: string;
}

/** What a call left in the chat. */
export interface SentMessage {
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
export interface OrderThread {
  sn: string;
  steps: OrderStep[];
}

/** One message to be, which may take several calls; how far it came survives a failed call. */
export interface OutgoingMessage {
  kind: 'single' | 'digest' | 'order';
  items: QueuedNotification[];
  topic: TopicKey;
  priority: Priority;
  silent: boolean;
  parts: MessagePart[];
  buttons: Button[][];
  /** Not in the topic's thread but in this one. */
  threadId: number | 'general' | undefined;
  /** With TELEGRAM_MODE=edit: what the order's one message will say has happened. */
  orderThread: OrderThread | undefined;
  /** Index of the part that comes next. */
  nextPart: number;
  sent: SentMessage[];
  /** Telegram could not parse it: the rest goes as plain text. */
  asPlainText: boolean;
  /** Its topic cannot be written to: it goes to General, with the topic's name before it. */
  toGeneralTopic: boolean;
  fallbackCount: number;
}

/** A message that has not begun. */
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
