import {
  askWorker,
  HttpError,
  WorkerAwayError,
  type WorkerAddress,
  type WorkerAnswers,
  type WorkerAsks,
  type WorkerVerb,
} from '@shopee-webhook/runtime';

/** Asks the worker what only it can know or do. */
export class WorkerLink {
  readonly #worker: WorkerAddress;

  constructor(worker: WorkerAddress) {
    this.#worker = worker;
  }

  /** Throws HttpError 502 `worker_away` when no worker answers, or another program. */
  async ask<Verb extends WorkerVerb>(
    verb: Verb,
    asked: WorkerAsks<Verb>,
    timeoutMs?: number,
  ): Promise<WorkerAnswers<Verb>> {
    try {
      return await askWorker(this.#worker, verb, asked, timeoutMs);
    } catch (error) {
      if (!(error instanceof WorkerAwayError)) throw error;
      throw new HttpError(502, 'worker_away', `the worker cannot be asked now (${error.message})`);
    }
  }
}
