import { randomUUID } from 'node:crypto';
import { HttpError, type Logger } from '@shopee-webhook/runtime';
import type { Task } from './api-types.ts';

const kept = 50;
const mostAtOnce = 4;
const tellEveryMs = 250;

type Counts = Pick<Task, 'done' | 'refused' | 'missing'>;

/** What goes on after its request was answered, with how far it is. */
export class Tasks {
  readonly #tasks = new Map<string, Task>();
  readonly #tell: (task: Task) => void;
  readonly #logger: Logger;

  constructor(options: { tell: (task: Task) => void; logger: Logger }) {
    this.#tell = options.tell;
    this.#logger = options.logger;
  }

  get(id: string): Task | undefined {
    return this.#tasks.get(id);
  }

  /** Begins `work` and returns at once. */
  start(
    { kind, total }: Pick<Task, 'kind' | 'total'>,
    work: (onProgress: (soFar: Partial<Counts>) => void) => Promise<Counts>,
  ): Task {
    const running = [...this.#tasks.values()].filter(({ state }) => state === 'running').length;
    if (running >= mostAtOnce) throw new HttpError(409, 'busy', 'other replays are going on: wait for them');
    const id = randomUUID();
    const task: Task = { id, kind, state: 'running', done: 0, total, refused: 0, missing: 0, error: null };
    this.#set(task);
    void this.#run(task, work);
    return task;
  }

  async #run(task: Task, work: (onProgress: (soFar: Partial<Counts>) => void) => Promise<Counts>): Promise<void> {
    let toldAt = 0;
    try {
      const counts = await work((soFar) => {
        this.#tasks.set(task.id, { ...this.#current(task), ...soFar });
        if (Date.now() - toldAt < tellEveryMs) return;
        toldAt = Date.now();
        this.#tell(this.#current(task));
      });
      this.#set({ ...task, ...counts, state: 'done' });
      this.#logger.info({ task: task.kind, ...counts }, 'done by hand');
    } catch (err) {
      this.#logger.error({ err, task: task.kind }, 'not done');
      const error = err instanceof Error ? err.message : String(err);
      this.#set({ ...this.#current(task), state: 'failed', error });
    }
  }

  #current(task: Task): Task {
    return this.#tasks.get(task.id) ?? task;
  }

  #set(task: Task): void {
    this.#tasks.set(task.id, task);
    for (const [id, { state }] of this.#tasks) {
      if (this.#tasks.size <= kept) break;
      if (state !== 'running') this.#tasks.delete(id);
    }
    this.#tell(task);
  }
}
