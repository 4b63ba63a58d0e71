import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** Goes up when a fake's state changes its shape: older files are then quarantined. */
const version = 2;
const File = z.object({ version: z.number(), state: z.unknown() });
const saveIntervalMs = 10_000;

/** Keeps the fakes' states as JSON files in a folder, so that a restart goes on where the last run was. */
export class StateStore {
  readonly #dir: string;
  readonly #sources = new Map<string, { read: () => unknown; saved: string }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(dir: string) {
    this.#dir = dir;
    mkdirSync(dir, { recursive: true });
  }

  /** What was saved under that name; undefined when there is nothing that fits. */
  load(name: string): unknown {
    const path = this.#path(name);
    try {
      const file = File.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data;
      if (file?.version === version) return file.state;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      if (!(error instanceof SyntaxError)) throw error;
    }
    // Of another version, or torn by a full disk: kept for a look, and begun again.
    renameSync(path, `${path}.set-aside`);
    return undefined;
  }

  /** From now on `read()` gives what is to be saved under that name. */
  register(name: string, read: () => unknown): void {
    this.#sources.set(name, { read, saved: '' });
  }

  start(): void {
    this.#timer ??= setInterval(() => this.save(), saveIntervalMs).unref();
  }

  /** Writes what has changed; each file is whole at any time. */
  save(): void {
    for (const [name, source] of this.#sources) {
      const text = JSON.stringify({ version, state: source.read() });
      if (text === source.saved) continue;
      const path = this.#path(name);
      writeFileSync(`${path}.new`, text, { mode: 0o600 });
      renameSync(`${path}.new`, path);
      source.saved = text;
    }
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.save();
  }

  #path(name: string): string {
    return join(this.#dir, `${name}.json`);
  }
}
