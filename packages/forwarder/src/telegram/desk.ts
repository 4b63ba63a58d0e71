import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '@shopee-webhook/runtime';
import type { Lease, Locks } from '@shopee-webhook/store';
import type { Api } from 'grammy';
import type { Outbox } from '../outbox.ts';
import { ChatSender } from './chat-sender.ts';
import { systemClock, type Clock } from './clock.ts';
import type { TelegramConfig } from './config.ts';
import type { FormatContext } from './format/event.ts';
import { Jobs } from './jobs.ts';
import type { Memory } from './memory.ts';
import { Mutes } from './mutes.ts';
import { Session } from './session.ts';
import type { Tally } from './status.ts';
import { serveTerm } from './term.ts';
import { Topics } from './topics.ts';

/** The lock of the one process that sends. */
const lockName = 'telegram';
const standByMs = 2_000;

export interface DeskParts {
  config: TelegramConfig;
  context: FormatContext;
  outbox: Outbox;
  locks: Locks;
  memory: Memory;
  api: Api;
  dataDir: string;
  clock: Clock;
  logger: Logger;
  tally: Tally;
  /** Whether this outbox is the one to send from now. */
  isOpen: () => boolean;
  /** How long the lock lasts without renewal, ms: a dead sender is followed after at most this and the outbox' lease. */
  termMs: number;
}

/** One outbox and all that sends it: at most one process at a time, the others stand by. */
export class Desk {
  readonly mutes: Mutes;
  readonly topics: Topics;
  readonly #parts: DeskParts;
  readonly #sentUnsettled = new Set<string>();
  #session: Session | undefined;

  constructor(parts: DeskParts) {
    const { config, memory, clock, locks, dataDir } = parts;
    this.#parts = parts;
    this.mutes = new Mutes({ always: config.mute, memory, clock });
    this.topics = new Topics({ memory, locks, path: join(dataDir, 'telegram-topics.json') });
  }

  /** The term that is under way; undefined while another process sends. */
  get session(): Session | undefined {
    return this.#session;
  }

  /** Stands by until the lock is free, then sends until it is lost, for ever. */
  async lead(signal: AbortSignal): Promise<void> {
    const { locks, isOpen, logger, termMs } = this.#parts;
    let isTroubled = false;
    while (!signal.aborted) {
      try {
        const lease = isOpen() ? await locks.acquire(lockName, termMs) : undefined;
        isTroubled = false;
        if (lease !== undefined) await this.#serve(lease, signal, (session, over) => session.run(over));
      } catch (err) {
        if (!isTroubled) logger.warn({ err }, 'outbox cannot be used; trying again');
        isTroubled = true;
      }
      await systemClock.sleep(standByMs, signal);
    }
  }

  /** Sends all that waits now; false when another process is the sender. */
  async runOnce(signal: AbortSignal): Promise<boolean> {
    const { locks, termMs } = this.#parts;
    const lease = await locks.acquire(lockName, termMs);
    if (lease === undefined) return false;
    await this.#serve(lease, signal, (session, over) => session.runOnce(over));
    return true;
  }

  async #serve(
    lease: Lease,
    signal: AbortSignal,
    work: (session: Session, signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const { outbox, logger, isOpen, termMs } = this.#parts;
    // A new name each time: what an earlier term could not give back is found by the reaper.
    const consumer = `notifier-${hostname()}-${randomBytes(6).toString('base64url')}`;
    const session = this.#newSession(consumer, lease);
    this.#session = session;
    try {
      await serveTerm({ lease, outbox, consumer, logger, isOpen, termMs }, signal, (over) => work(session, over));
    } finally {
      this.#session = undefined;
    }
  }

  #newSession(consumer: string, lease: Lease): Session {
    const { config, context, outbox, clock, logger, tally } = this.#parts;
    return new Session({
      config,
      context,
      outbox,
      consumer,
      clock,
      logger,
      jobs: new Jobs({ config, context, clock }),
      mutes: this.mutes,
      isHeld: () => lease.held,
      sentUnsettled: this.#sentUnsettled,
      openChat: (chat) => this.#openChat(chat),
      onDone: (job, outcome) => {
        if (outcome.kind !== 'retry') tally.done(job, outcome.kind, clock.now());
      },
    });
  }

  #openChat(chat: string): Promise<ChatSender> {
    const { api, memory, clock, logger } = this.#parts;
    return ChatSender.open({ api, chat, topics: this.topics, memory, clock, logger });
  }
}
