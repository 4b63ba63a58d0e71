/** One request to the API, for tests and for the page; no values, only sizes. */
export interface LoggedRequest {
  /** When it came in, ms since 1970. */
  at: number;
  method: string;
  kind: 'read' | 'write';
  spreadsheetId: string | undefined;
  user: string | undefined;
  bytes: number;
  /** Of the response's body; absent where there was none, and of errors. */
  responseBytes?: number;
  /** Ranges, filters or requests in it. */
  parts: number;
  /** HTTP status; undefined as long as there is no response, and for good after a reset or a hang. */
  status?: number;
  ms?: number;
  fault?: string;
}

export interface Counters {
  requests: number;
  reads: number;
  writes: number;
  /** Requests rejected by a quota. */
  throttled: number;
  /** Answers of 400 and more, throttled ones included. */
  errors: number;
  /** Requests to the token endpoint. */
  tokens: number;
  /** Bodies above the 2 MB that Google advises to stay under. */
  largeBodies: number;
  /** Requests that came while another one for the same spreadsheet was in progress. */
  overlapping: number;
  /** Requests that came less than a second after another one for the same spreadsheet; Google advises one a second. */
  closelySpaced: number;
}

const advisedBytes = 2_000_000;
const maxEntries = 10_000;

/** What was asked of the API, counted and kept for the last 10,000 requests. */
export class RequestLog {
  readonly entries: LoggedRequest[] = [];
  readonly counters: Counters = zero();
  readonly #inFlight = new Map<string, number>();
  readonly #lastAt = new Map<string, number>();

  begin(entry: LoggedRequest): void {
    this.entries.push(entry);
    if (this.entries.length > maxEntries) this.entries.splice(0, this.entries.length - maxEntries);
    const { counters } = this;
    counters.requests += 1;
    counters[entry.kind === 'read' ? 'reads' : 'writes'] += 1;
    if (entry.bytes > advisedBytes) counters.largeBodies += 1;
    if (entry.spreadsheetId === undefined) return;
    const others = this.#inFlight.get(entry.spreadsheetId) ?? 0;
    if (others > 0) counters.overlapping += 1;
    if (entry.at - (this.#lastAt.get(entry.spreadsheetId) ?? -Infinity) < 1000) counters.closelySpaced += 1;
    this.#inFlight.set(entry.spreadsheetId, others + 1);
    this.#lastAt.set(entry.spreadsheetId, entry.at);
  }

  end(entry: LoggedRequest, now: number, status: number | undefined): void {
    entry.ms = now - entry.at;
    if (status !== undefined) entry.status = status;
    if (status === 429) this.counters.throttled += 1;
    if (status !== undefined && status >= 400) this.counters.errors += 1;
    if (entry.spreadsheetId !== undefined)
      this.#inFlight.set(entry.spreadsheetId, Math.max(0, (this.#inFlight.get(entry.spreadsheetId) ?? 1) - 1));
  }

  clear(): void {
    this.entries.length = 0;
    Object.assign(this.counters, zero());
  }
}

function zero(): Counters {
  return {
    requests: 0,
    reads: 0,
    writes: 0,
    throttled: 0,
    errors: 0,
    tokens: 0,
    largeBodies: 0,
    overlapping: 0,
    closelySpaced: 0,
  };
}
