import { callWorker, WorkerUnreachableError, type WorkerEndpoint } from '@shopee-webhook/contracts';
import { HttpError } from '@shopee-webhook/runtime';
import { type RpcResult, type RpcParams, type RpcMethod } from '@shopee-webhook/contracts/worker-rpc';

/** Calls the worker over RPC. */
export class WorkerClient {
  readonly #worker: WorkerEndpoint;

  constructor(worker: WorkerEndpoint) {
    this.#worker = worker;
  }

  /** Throws HttpError 502 `worker_unavailable` when no worker responds, or another program. */
  async call<Method extends RpcMethod>(
    method: Method,
    params: RpcParams<Method>,
    timeoutMs?: number,
  ): Promise<RpcResult<Method>> {
    try {
      return await callWorker(this.#worker, method, params, timeoutMs);
    } catch (error) {
      if (!(error instanceof WorkerUnreachableError)) throw error;
      throw new HttpError(502, 'worker_unavailable', `The worker is unavailable: ${error.message}`);
    }
  }
}
