import type { ChatLine } from './chat/chat-line.ts';
import type { Job } from './waiting.ts';

/** One chat as /health and the dashboard show it. */
export interface ChatStatus {
  chat: string;
  state: 'ok' | 'paused' | 'lost';
  detail?: string;
  /** Telegram asked for silence for so long yet, ms. */
  pausedMs: number;
  waiting: number;
}

export interface NotifierStatus {
  enabled: boolean;
  /** Whether this process is the one that sends. */
  leading: boolean;
  chats: ChatStatus[];
  sent: { messages: number; events: number; digests: number; refused: number };
  /** The longest that an urgent message waited, ms. */
  longestUrgentMs: number;
}

/** Counts what was sent since the process began. */
export class Tally {
  readonly #onWait: (ms: number, urgent: boolean) => void;
  readonly sent = { messages: 0, events: 0, digests: 0, refused: 0 };
  longestUrgentMs = 0;

  /** `onWait` hears how long each notification waited until it was told. */
  constructor(onWait: (ms: number, urgent: boolean) => void = () => undefined) {
    this.#onWait = onWait;
  }

  done(job: Job, ended: 'ack' | 'dead-letter', now: number): void {
    if (ended === 'dead-letter') {
      this.sent.refused += job.items.length;
      return;
    }
    this.sent.messages += job.parts.length;
    this.sent.events += job.items.length;
    for (const { since, tier } of job.items) this.#onWait(Math.max(0, now - since), tier < 2);
    if (job.kind === 'digest') this.sent.digests += 1;
    if (job.tier === 2) return;
    const since = Math.min(...job.items.map((item) => item.since));
    this.longestUrgentMs = Math.max(this.longestUrgentMs, now - since);
  }
}

export function chatStatusOf(line: ChatLine, now: number): ChatStatus {
  const { chat, lost, sender, backlog } = line;
  const waiting = backlog.size;
  const pausedMs = Math.max(0, sender.limiter.pausedUntil - now);
  if (lost !== undefined) return { chat, state: 'lost', detail: lost, pausedMs, waiting };
  if (pausedMs === 0) return { chat, state: 'ok', pausedMs, waiting };
  const detail = `for ${Math.ceil(pausedMs / 1000)} s, as Telegram asked`;
  return { chat, state: 'paused', detail, pausedMs, waiting };
}
