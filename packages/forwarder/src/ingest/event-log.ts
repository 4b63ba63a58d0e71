import { chmod, mkdir, open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { LineBuffer, type Logger, systemClock } from '@shopee-webhook/runtime';

/** One accepted push, as a line of the file. */
export interface LoggedEvent {
  id: string;
  outcome: 'queued' | 'spooled';
  code: number;
  shop: string | undefined;
  /** The exact text of the push. */
  pushText: string;
}

export interface EventLogOptions {
  dir: string;
  retentionDays: number;
  logger: Logger;
  now?: () => number;
}

const fileName = /^webhook_events_(\d{4}-\d{2}-\d{2})\.json$/;
const dayMs = 24 * 3_600_000;
/** Lines beyond this, in bytes, are dropped: a failing disk must not use up the memory. */
const maxPendingBytes = 16 * 1024 * 1024;

/** Lines of one day that are not written yet. */
interface Chunk {
  day: string;
  bytes: Buffer;
}

/**
 * LOG_DIR/webhook_events_YYYY-MM-DD.json (UTC): one JSON object a line for every event, for people and other programs.
 * It is no part of what makes an event durable: lines are gathered in memory and written some moments later, and a
 * failing disk costs lines, never pushes.
 */
export class EventLog {
  readonly #options: EventLogOptions;
  /** The day of the buffered lines. */
  #day = '';
  readonly #lines = new LineBuffer();
  /** What a flush is writing, and what another day left. */
  readonly #pending: Chunk[] = [];
  #size = 0;
  #file: { day: string; handle: FileHandle } | undefined;
  #dropped = 0;
  #error: string | undefined;
  #flushing: Promise<void> | undefined;

  constructor(options: EventLogOptions) {
    this.#options = options;
  }

  /** Lines lost to disk errors. */
  get dropped(): number {
    return this.#dropped;
  }

  /** The last disk error; undefined when all is written. */
  get error(): string | undefined {
    return this.#error;
  }

  append(event: LoggedEvent): void {
    const at = new Date(this.#now()).toISOString();
    const { pushText, ...rest } = event;
    // Line breaks stand between JSON's tokens only, never inside a string: a blank means the same.
    const push = pushText.replaceAll(/[\r\n]+/g, ' ');
    const line = `${JSON.stringify({ at, ...rest }).slice(0, -1)},"push":${push}}\n`;
    if (this.#size + line.length > maxPendingBytes) {
      this.#dropped += 1;
      return;
    }
    const day = at.slice(0, 10);
    if (day !== this.#day) this.#collectChunks();
    this.#day = day;
    this.#size += this.#lines.addLine(line);
  }

  /** Writes pending lines. Never rejects: what could not be written is retried with the next lines. */
  flush(): Promise<void> {
    this.#flushing ??= this.#write().finally(() => (this.#flushing = undefined));
    return this.#flushing;
  }

  /** Writes pending lines and closes the file. */
  async close(): Promise<void> {
    await this.#flushing;
    await this.flush();
    await this.#closeFile();
  }

  /** Removes the lines that name one of these orders, from every file; returns how many. Pending lines are written first. */
  async eraseOrders(orderSns: readonly string[]): Promise<number> {
    await this.flush();
    const texts = orderSns.map((sn) => JSON.stringify(sn));
    let removed = 0;
    // Nobody writes meanwhile: a line would go into the file that is about to be replaced.
    this.#flushing = this.#eraseFrom(texts)
      .then((count) => void (removed = count))
      .finally(() => (this.#flushing = undefined));
    await this.#flushing;
    return removed;
  }

  async #eraseFrom(texts: readonly string[]): Promise<number> {
    await this.#closeFile();
    let removed = 0;
    for (const name of await this.#fileNames()) removed += await removeLines(join(this.#options.dir, name), texts);
    return removed;
  }

  /** Removes files older than the retention. */
  async prune(): Promise<void> {
    const { dir, retentionDays, logger } = this.#options;
    const oldest = new Date(this.#now() - retentionDays * dayMs).toISOString().slice(0, 10);
    for (const name of await this.#fileNames()) {
      const day = fileName.exec(name)?.[1] ?? '';
      if (day >= oldest) continue;
      await rm(join(dir, name));
      logger.info({ file: name }, 'event log removed');
    }
  }

  async #fileNames(): Promise<string[]> {
    const names = await readdir(this.#options.dir).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    return names.filter((name) => fileName.test(name));
  }

  async #write(): Promise<void> {
    // What a disk rejected goes first, and until it is written the lines go on filling one chunk.
    if (!(await this.#writeChunks())) return;
    this.#collectChunks();
    await this.#writeChunks();
  }

  async #writeChunks(): Promise<boolean> {
    for (let chunk = this.#pending[0]; chunk !== undefined; chunk = this.#pending[0]) {
      if (!(await this.#writeChunk(chunk))) return false;
      this.#pending.shift();
      this.#size -= chunk.bytes.length;
    }
    return true;
  }

  #collectChunks(): void {
    for (const bytes of this.#lines.takeAll()) this.#pending.push({ day: this.#day, bytes });
  }

  async #writeChunk({ day, bytes }: Chunk): Promise<boolean> {
    try {
      const handle = await this.#open(day);
      await handle.appendFile(bytes);
      if (this.#error !== undefined) this.#options.logger.info('event log recovered');
      this.#error = undefined;
      return true;
    } catch (err) {
      if (this.#error === undefined) this.#options.logger.error({ err }, 'event log cannot be written');
      this.#error = err instanceof Error ? err.message : String(err);
      // Part of it may be on the disk: repeating lines is better than losing them.
      await this.#closeFile();
      return false;
    }
  }

  async #open(day: string): Promise<FileHandle> {
    if (this.#file?.day === day) return this.#file.handle;
    await this.#closeFile();
    await mkdir(this.#options.dir, { recursive: true });
    const path = join(this.#options.dir, `webhook_events_${day}.json`);
    const handle = await open(path, 'a', 0o600);
    // Pushes name buyers: nobody else on the machine may read them, also in a file from before.
    await chmod(path, 0o600);
    this.#file = { day, handle };
    return handle;
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    // A handle that cannot be closed is as good as closed; the write has reported what it wrote.
    await file?.handle.close().catch(() => undefined);
  }

  #now(): number {
    return this.#options.now?.() ?? systemClock.wallMs();
  }
}

/** Rewrites a file without the lines that contain one of the texts, and only if there are any; returns how many. */
async function removeLines(path: string, texts: readonly string[]): Promise<number> {
  const part = `${path}.part`;
  let removed = 0;
  const source = await open(path);
  const target = await open(part, 'w', 0o600);
  try {
    for await (const line of source.readLines()) {
      if (texts.some((text) => line.includes(text))) removed += 1;
      else await target.appendFile(`${line}\n`);
    }
    await target.sync();
  } finally {
    // readLines closes its own.
    await target.close();
  }
  if (removed === 0) await rm(part);
  else await rename(part, path);
  return removed;
}
