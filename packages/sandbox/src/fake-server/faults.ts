/** One way for the next matching requests to go wrong; what a `kind` does is the fake's to say. */
export interface Fault<Kind extends string> {
  kind: Kind;
  /** Requests whose path (or method name) contains this text are hit; all are when it is left out. */
  on?: string;
  /** How many requests are hit; 1 when left out, `Infinity` for until `clear`. */
  times?: number;
  /** For kinds that wait. */
  ms?: number;
  /** For kinds that answer with the service's own error code. */
  code?: string;
}

/** The faults a fake was set to show, taken one by one in the order they were added. */
export class Faults<Kind extends string> {
  readonly #pending: (Fault<Kind> & { left: number })[] = [];

  add(fault: Fault<Kind>): void {
    this.#pending.push({ ...fault, left: fault.times ?? 1 });
  }

  /** The fault that this request shows, if any; counts it as shown. */
  takeFault(path: string): Fault<Kind> | undefined {
    const index = this.#pending.findIndex((fault) => path.includes(fault.on ?? ''));
    const fault = this.#pending[index];
    if (fault === undefined) return undefined;
    fault.left -= 1;
    if (fault.left <= 0) this.#pending.splice(index, 1);
    return fault;
  }

  clear(): void {
    this.#pending.length = 0;
  }

  get pending(): number {
    return this.#pending.length;
  }
}
