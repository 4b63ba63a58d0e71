/** A dead letter in the reply to /dlq. */
export interface DeadLetterSummary {
  id: string;
  reason: string;
  error: string;
  code?: number | undefined;
  /** ms */
  deadLetteredAt?: number | undefined;
}

/** What commands read and do; the notifier knows nothing of queues and history. */
export interface CommandBackend {
  /** The service status, as plain lines. */
  status(): Promise<string[]>;
  /** The events of an order, as plain lines with times of `zone`; undefined when there are none. */
  order(sn: string, zone: string): Promise<string[] | undefined>;
  /** The totals since midnight (of `zone`), as plain lines. */
  today(zone: string): Promise<string[]>;
  deadLetters(count: number): Promise<{ total: number; deadLetters: DeadLetterSummary[] }>;
  /** Replays one dead letter, or with `all` every one; returns how many. */
  replay(id: string): Promise<number>;
}
