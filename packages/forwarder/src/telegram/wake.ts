/** Ends a sleep early: sleep on `signal`, ring when there is something to do. */
export class Wake {
  #controller = new AbortController();

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  ring(): void {
    this.#controller.abort();
    this.#controller = new AbortController();
  }
}
