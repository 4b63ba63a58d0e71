/** Ends a sleep early: sleep on `signal`, ring when there is something to do. */
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
