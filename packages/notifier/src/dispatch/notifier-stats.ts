import type { ChatQueue } from '../chat/chat-queue.ts';
import type { OutgoingMessage } from '../messages/outgoing.ts';

/** One chat as /health and the dashboard show it. */
export interface ChatStatus {
  chat: string;
  state: 'ok' | 'paused' | 'unreachable';
  detail?: string;
  /** Remaining rate-limit pause, ms. */
  pausedMs: number;
  waiting: number;
}

export interface NotifierStatus {
  enabled: boolean;
  /** Whether this process is the sender. */
  isLeader: boolean;
  chats: ChatStatus[];
  sent: { messages: number; events: number; digests: number; rejected: number };
  /** Maximum latency of an urgent message, ms. */
  maxUrgentMs: number;
}

/** Counts what was sent since the process started. */
export class NotifierStats {
  readonly #onDelivered: (ms: number, urgent: boolean) => void;
  readonly sent = { messages: 0, events: 0, digests: 0, rejected: 0 };
  maxUrgentMs = 0;

  /** `onDelivered` is called with the latency of each notification. */
  constructor(onWait: (ms: number, urgent: boolean) => void = () => undefined) {
    this.#onDelivered = onWait;
  }

  onCompleted(message: OutgoingMessage, ended: 'ack' | 'dead-letter', now: number): void {
    if (ended === 'dead-letter') {
      this.sent.rejected += message.items.length;
      return;
    }
    this.sent.messages += message.parts.length;
    this.sent.events += message.items.length;
    for (const { since, priority } of message.items) this.#onDelivered(Math.max(0, now - since), priority < 2);
    if (message.kind === 'digest') this.sent.digests += 1;
    if (message.priority === 2) return;
    const since = Math.min(...message.items.map((item) => item.since));
    this.maxUrgentMs = Math.max(this.maxUrgentMs, now - since);
  }
}

export function toChatStatus(line: ChatQueue, now: number): ChatStatus {
  const { chat, unreachable, sender, backlog } = line;
  const waiting = backlog.size;
  const pausedMs = Math.max(0, sender.limiter.pausedUntil - now);
  if (unreachable !== undefined) return { chat, state: 'unreachable', detail: unreachable, pausedMs, waiting };
  if (pausedMs === 0) return { chat, state: 'ok', pausedMs, waiting };
  const detail = `for ${Math.ceil(pausedMs / 1000)} s, as Telegram asked`;
  return { chat, state: 'paused', detail, pausedMs, waiting };
}
