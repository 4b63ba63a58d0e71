import { randomBytes } from 'node:crypto';
import { appendFileSync, closeSync, existsSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import type { Logger } from '@shopee-webhook/runtime';

/** A row by its tab and key. */
export interface RowRef {
  tab: string;
  key: string;
}

/** What a process left that died before it could look at what it wrote. */
export interface UncommittedWrites {
  /** All rows that were there. */
  known: RowRef[];
  /** Those that it wrote last: a late write may take them back. */
  written: RowRef[];
}

const maxLines = 50_000;
const linesPerChunk = 1_000;

/**
 * The keys of a spreadsheet, kept in DATA_DIR over the death of a process. A user who sorts under a write has it overwrite
 * other rows, which is noticed a moment later by whoever wrote; if that process dies in between, only this file can tell
 * which rows were there. Four kinds of lines: `+ tab key` a row of ours; `= tab key` a row of the write that begins with the
 * next `? writer`; `. writer` all that it wrote was looked at, and nothing can come late. Without the file nothing is lost but this check, so no failure of the disk stops a write.
 */
export class WriteJournal {
  readonly #path: string | undefined;
  readonly #logger: Logger;
  readonly #writer = randomBytes(6).toString('base64url');
  #lines = 0;
  #isOpen = false;
  /** Rows that were written since all was looked at. */
  #written: RowRef[] = [];
  #hasFailed = false;

  constructor(path: string | undefined, logger: Logger) {
    this.#path = path;
    this.#logger = logger;
  }

  /** Whether it has grown long enough to be worth replacing. */
  get needsCompaction(): boolean {
    return this.#lines > maxLines;
  }

  /** Right before a write of these rows, of which `added` are new. */
  begin({ rows, added = [] }: { rows: readonly RowRef[]; added?: readonly RowRef[] }): void {
    this.#isOpen = true;
    this.#written.push(...rows.map(({ tab, key }) => ({ tab, key })));
    this.#append([...added.map(knownLine), ...rows.map(writtenLine), `? ${this.#writer}`]);
  }

  /** All that this process wrote stands where it was written. */
  commit(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#written = [];
    this.#append([`. ${this.#writer}`]);
  }

  /** What other processes knew; undefined when they had looked at all that they wrote. */
  uncommitted(): UncommittedWrites | undefined {
    const path = this.#path;
    if (path === undefined || !existsSync(path)) return undefined;
    const open = new Map<string, RowRef[]>();
    const known: RowRef[] = [];
    let next: RowRef[] = [];
    for (const line of this.#try(() => readFileSync(path, 'utf8'))?.split('\n') ?? []) {
      const [kind, name = '', ...rest] = line.split(' ');
      const key = rest.join(' ');
      if (kind === '?') {
        if (name !== this.#writer) open.set(name, [...(open.get(name) ?? []), ...next]);
        next = [];
      }
      if (kind === '.') open.delete(name);
      if (key === '') continue;
      if (kind === '+') known.push({ tab: name, key });
      if (kind === '=') next.push({ tab: name, key });
    }
    return open.size === 0 ? undefined : { known, written: [...open.values()].flat() };
  }

  /** Takes these for all there are. */
  compact(...groups: Iterable<RowRef>[]): void {
    const path = this.#path;
    if (path === undefined) return;
    this.#try(() => {
      const file = openSync(`${path}.tmp`, 'w', 0o600);
      try {
        // A few at a time: the lines of a full spreadsheet's 300,000 rows take 60 MB of memory.
        for (const lines of inChunks(this.#linesOf(groups))) writeSync(file, joinLines(lines));
      } finally {
        closeSync(file);
      }
      renameSync(`${path}.tmp`, path);
    });
    this.#lines = 0;
  }

  *#linesOf(groups: Iterable<RowRef>[]): Iterable<string> {
    for (const rows of groups) for (const row of rows) yield knownLine(row);
    if (!this.#isOpen) return;
    for (const row of this.#written) yield writtenLine(row);
    yield `? ${this.#writer}`;
  }

  #append(lines: string[]): void {
    const path = this.#path;
    if (path === undefined) return;
    this.#lines += lines.length;
    this.#try(() => appendFileSync(path, joinLines(lines), { mode: 0o600 }));
  }

  #try<T>(work: () => T): T | undefined {
    try {
      const result = work();
      this.#hasFailed = false;
      return result;
    } catch (err) {
      if (!this.#hasFailed) this.#logger.warn({ err }, 'keys of the sheet not kept');
      this.#hasFailed = true;
      return undefined;
    }
  }
}

function* inChunks(lines: Iterable<string>): Iterable<string[]> {
  let part: string[] = [];
  for (const line of lines) {
    if (part.push(line) < linesPerChunk) continue;
    yield part;
    part = [];
  }
  yield part;
}

function knownLine({ tab, key }: RowRef): string {
  return `+ ${tab} ${key}`;
}

function writtenLine({ tab, key }: RowRef): string {
  return `= ${tab} ${key}`;
}

function joinLines(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
