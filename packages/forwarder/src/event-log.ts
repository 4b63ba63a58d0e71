import { chmod, mkdir, open, readdir, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@shopee-webhook/runtime';

/** One accepted push, as a line of the file. */
export interface LoggedEvent {
  id: string;
  outcome: 'queued' | 'spooled';
  code: number;
  shop: string | undefined;
  /** The push, letter by letter. */
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
/** Above this what is not written yet is dropped: a dead disk must not eat the memory. Characters. */
const mostWaiting = 16 * 1024 * 1024;

/**
 * LOG_DIR/webhook_events_YYYY-MM-DD.json (UTC): one JSON object a line for every event, for people and other programs.
 * It is no part of what makes an event durable: lines are gathered in memory and written some moments later, and a
 * disk that refuses them costs lines, never pushes.
 */
export class EventLog {
  readonly #options: EventLogOptions;
  #waiting: { day: string; line: string }[] = [];
  #size = 0;
  #file: { day: string; handle: FileHandle } | undefined;
  #dropped = 0;
  #error: string | undefined;
  #flushing: Promise<void> | undefined;

  constructor(options: EventLogOptions) {
    this.#options = options;
  }

  /** Lines lost to a disk that refused them. */
  get dropped(): number {
    return this.#dropped;
  }

  /** What the disk said last; undefined when all is written. */
  get error(): string | undefined {
    return this.#error;
  }

  append(event: LoggedEvent): void {
    const at = new Date(this.#now()).toISOString();
    const { pushText, ...rest } = event;
    // Line breaks stand between JSON's tokens only, never inside a string: a blank means the same.
    const push = pushText.replaceAll(/[\r\n]+/g, ' ');
    const line = `${JSON.stringify({ at, ...rest }).slice(0, -1)},"push":${push}}\n`;
    if (this.#size + line.length > mostWaiting) {
      this.#dropped += 1;
      return;
    }
    this.#size += line.length;
    this.#waiting.push({ day: at.slice(0, 10), line });
  }

  /** Writes what waits. Never rejects: what could not be written is tried again with the next lines. */
  flush(): Promise<void> {
    this.#flushing ??= this.#write().finally(() => (this.#flushing = undefined));
    return this.#flushing;
  }

  /** Writes what waits and closes the file. */
  async close(): Promise<void> {
    await this.#flushing;
    await this.flush();
    await this.#closeFile();
  }

  /** Removes files older than the retention. */
  async prune(): Promise<void> {
    const { dir, retentionDays, logger } = this.#options;
    const oldest = new Date(this.#now() - retentionDays * dayMs).toISOString().slice(0, 10);
    const names = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    for (const name of names) {
      const day = fileName.exec(name)?.[1];
      if (day === undefined || day >= oldest) continue;
      await rm(join(dir, name));
      logger.info({ file: name }, 'event log removed');
    }
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const day = this.#waiting[0]?.day ?? '';
      const end = this.#waiting.findIndex((entry) => entry.day !== day);
      const batch = end === -1 ? [...this.#waiting] : this.#waiting.slice(0, end);
      const text = batch.map((entry) => entry.line).join('');
      if (!(await this.#writeText(day, text))) return;
      this.#waiting = this.#waiting.slice(batch.length);
      this.#size -= text.length;
    }
  }

  async #writeText(day: string, text: string): Promise<boolean> {
    try {
      const handle = await this.#open(day);
      await handle.appendFile(text);
      if (this.#error !== undefined) this.#options.logger.info('event log works again');
      this.#error = undefined;
      return true;
    } catch (err) {
      if (this.#error === undefined) this.#options.logger.error({ err }, 'event log cannot be written');
      this.#error = err instanceof Error ? err.message : String(err);
      // Part of the text may be on the disk: repeating lines is better than losing them.
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
    // A handle that cannot be closed is as good as closed; what it wrote or not was told by the write.
    await file?.handle.close().catch(() => undefined);
  }

  #now(): number {
    return this.#options.now?.() ?? Date.now();
  }
}
