/** One span, recorded at its end. Times in ms since the epoch. Attributes hold no personal data. */
export interface SpanData {
  name: string;
  kind: 'server' | 'producer' | 'consumer' | 'client' | 'internal';
  start: number;
  end: number;
  attributes?: Readonly<Record<string, string | number | undefined>>;
  /** Why it failed. */
  error?: string | undefined;
  /** What happened inside it. */
  children?: readonly SpanData[];
}

/**
 * Where spans go. A message's trace follows from its id, which travels through Redis, the spool and HTTP as it is: both
 * services derive the same trace without another field in the message, also for messages from before tracing was on.
 */
export interface Tracing {
  /** The first span of a message's trace: once per message. */
  startTrace(messageId: string, span: SpanData): void;
  /** A span below that one. */
  recordSpan(messageId: string, span: SpanData): void;
  /** Sends what was not sent yet, for at most a second. Never rejects. */
  stop(): Promise<void>;
}
