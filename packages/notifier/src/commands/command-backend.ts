/** A dead letter as a command lists it. */
export interface DeadLetterSummary {
  id: string;
  reason: string;
  error: string;
  code?: number | undefined;
  /** ms */
  deadLetteredAt?: number | undefined;
}

/** Where commands get their answers and what they may do; the notifier knows nothing of queues and history. */
export interface CommandBackend {
  /** How the service is, as plain lines. */
  status(): Promise<string[]>;
  /** What is known of an order, as plain lines with times of `zone`; undefined when nothing is. */
  order(sn: string, zone: string): Promise<string[] | undefined>;
  /** What happened since midnight (of `zone`), as plain lines. */
  today(zone: string): Promise<string[]>;
  deadLetters(count: number): Promise<{ total: number; deadLetters: DeadLetterSummary[] }>;
  /** Puts one dead letter, or with `all` each of them, back into the line; gives how many. */
  replay(id: string): Promise<number>;
}
