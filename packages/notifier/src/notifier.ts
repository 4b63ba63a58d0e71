import type { Logger, Clock } from '@shopee-webhook/runtime';
import type { Keys, Notification, Queue, RedisConnection } from '@shopee-webhook/store';
import type { CommandBackend } from './commands/command-backend.ts';
import type { TelegramConfig } from './config/config.ts';
import type { NotifierStatus } from './dispatch/notifier-stats.ts';
import type { Outbox } from './outbox/outbox.ts';

/** The outbox in Redis and its connection. */
export interface SharedOutbox {
  redis: RedisConnection;
  keys: Keys;
  outbox: Outbox;
  queue: Pick<Queue, 'enqueue'>;
  /** Whether Redis is available now. */
  isAvailable: () => boolean;
}

/** The outbox on this process's disk. */
export type LocalOutbox = Outbox & { add(notification: Notification): void };

export interface NotifierOptions {
  /** Undefined: no bot; both outboxes are emptied and discarded. */
  config: TelegramConfig | undefined;
  /** Undefined: REDIS_ENABLED=false. */
  shared: SharedOutbox | undefined;
  /** Relayed to the shared outbox while Redis is available, else sent from here. */
  local: LocalOutbox | undefined;
  dataDir: string;
  logger: Logger;
  /** The connected shops, for their names and time zones. */
  shops?: (() => Promise<Shop[]>) | undefined;
  /** Serves the commands; without it there are none. */
  commandBackend?: CommandBackend | undefined;
  /** Called with the delivery latency of each notification, ms. */
  onDelivered?: ((latencyMs: number, urgent: boolean) => void) | undefined;
  clock?: Clock | undefined;
  /** Timeout of a call to Telegram; 30 when left out. */
  callTimeoutSeconds?: number | undefined;
  /** Lease of the sender's lock, ms; 15,000 when left out. */
  leaderLeaseMs?: number | undefined;
}

export interface Shop {
  shopId: string;
  shopName?: string | undefined;
  region?: string | undefined;
}

export interface Notifier {
  start(): void;
  /** Fetches no more, finishes the call in flight and requeues the rest. May be called twice. */
  stop(): Promise<void>;
  /** Stops at once; what is in flight is redelivered when its lease expires. */
  forceStop(): void;
  /** Sends everything queued, within the limits; false when another process is the sender. */
  runOnce(): Promise<boolean>;
  status(): NotifierStatus;
}
