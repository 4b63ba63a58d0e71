import { randomUUID } from 'node:crypto';
import { HttpError, type Logger, systemClock } from '@shopee-webhook/runtime';
import type { BulkOperation } from '@shopee-webhook/contracts/dashboard-api';

const maxEntries = 50;
const maxConcurrent = 4;
const progressIntervalMs = 250;

type Counts = Pick<BulkOperation, 'done' | 'rejected' | 'missing'>;

/** Operations that continue after the response to their request, with their progress. */
export class BulkOperations {
  readonly #operations = new Map<string, BulkOperation>();
  readonly #onChange: (task: BulkOperation) => void;
  readonly #logger: Logger;

  constructor(options: { onChange: (task: BulkOperation) => void; logger: Logger }) {
    this.#onChange = options.onChange;
    this.#logger = options.logger;
  }

  get(id: string): BulkOperation | undefined {
    return this.#operations.get(id);
  }

  /** Starts `work` and returns at once. */
  start(
    { kind, total }: Pick<BulkOperation, 'kind' | 'total'>,
    work: (onProgress: (soFar: Partial<Counts>) => void) => Promise<Counts>,
  ): BulkOperation {
    const running = [...this.#operations.values()].filter(({ state }) => state === 'running').length;
    if (running >= maxConcurrent) throw new HttpError(409, 'busy', 'another bulk operation is running');
    const id = randomUUID();
    const task: BulkOperation = { id, kind, state: 'running', done: 0, total, rejected: 0, missing: 0, error: null };
    this.#set(task);
    void this.#run(task, work);
    return task;
  }

  async #run(
    task: BulkOperation,
    work: (onProgress: (soFar: Partial<Counts>) => void) => Promise<Counts>,
  ): Promise<void> {
    let reportedAt = -Infinity;
    try {
      const counts = await work((soFar) => {
        this.#operations.set(task.id, { ...this.#current(task), ...soFar });
        if (systemClock.monotonicMs() - reportedAt < progressIntervalMs) return;
        reportedAt = systemClock.monotonicMs();
        this.#onChange(this.#current(task));
      });
      this.#set({ ...task, ...counts, state: 'done' });
      this.#logger.info({ task: task.kind, ...counts }, 'bulk operation done');
    } catch (err) {
      this.#logger.error({ err, task: task.kind }, 'bulk operation failed');
      const error = err instanceof Error ? err.message : String(err);
      this.#set({ ...this.#current(task), state: 'failed', error });
    }
  }

  #current(task: BulkOperation): BulkOperation {
    return this.#operations.get(task.id) ?? task;
  }

  #set(task: BulkOperation): void {
    this.#operations.set(task.id, task);
    for (const [id, { state }] of this.#operations) {
      if (this.#operations.size <= maxEntries) break;
      if (state !== 'running') this.#operations.delete(id);
    }
    this.#onChange(task);
  }
}
