/** A condition variable: sleep on `signal`, `notify` ends the sleep. */
export class Signal {
  #controller = new AbortController();

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  notify(): void {
    this.#controller.abort();
    this.#controller = new AbortController();
  }
}
