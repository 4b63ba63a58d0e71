import { randomBytes } from 'node:crypto';
import { appendFileSync, closeSync, existsSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import type { Logger } from '@shopee-webhook/runtime';
import type { Tab } from '../columns.ts';

/** A row by its tab and key. */
export interface RowName {
  tab: Tab;
  key: string;
}

/** What a process left that died before it could look at what it wrote. */
export interface Unsettled {
  /** All rows that were there. */
  rows: RowName[];
  /** Those that it wrote last: a late write may take them back. */
  written: RowName[];
}

const mostLines = 50_000;
const linesAPart = 1_000;

/**
 * The keys of a spreadsheet, kept in DATA_DIR over the death of a process. A user who sorts under a write has it overwrite
 * other rows, which is noticed a moment later by whoever wrote; if that process dies in between, only this file can tell
 * which rows were there. Four kinds of lines: `+ tab key` a row of ours; `= tab key` a row of the write that begins with the
 * next `? writer`; `. writer` all that it wrote was looked at, and nothing can come late. Without the file nothing is lost but this check, so no failure of the disk stops a write.
 */
export class KeyMemory {
  readonly #path: string | undefined;
  readonly #logger: Logger;
  readonly #writer = randomBytes(6).toString('base64url');
  #lines = 0;
  #open = false;
  /** Rows that were written since all was looked at. */
  #written: RowName[] = [];
  #failed = false;

  constructor(path: string | undefined, logger: Logger) {
    this.#path = path;
    this.#logger = logger;
  }

  /** Whether it has grown long enough to be worth replacing. */
  get isLong(): boolean {
    return this.#lines > mostLines;
  }

  /** Right before a write of these rows, of which `added` are new. */
  begin({ rows, added = [] }: { rows: readonly RowName[]; added?: readonly RowName[] }): void {
    this.#open = true;
    this.#written.push(...rows.map(({ tab, key }) => ({ tab, key })));
    this.#append([...added.map(knownLine), ...rows.map(writtenLine), `? ${this.#writer}`]);
  }

  /** All that this process wrote stands where it was written. */
  settle(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#written = [];
    this.#append([`. ${this.#writer}`]);
  }

  /** What other processes knew; undefined when they had looked at all that they wrote. */
  unsettled(): Unsettled | undefined {
    const path = this.#path;
    if (path === undefined || !existsSync(path)) return undefined;
    const open = new Map<string, RowName[]>();
    const rows: RowName[] = [];
    let next: RowName[] = [];
    for (const line of this.#try(() => readFileSync(path, 'utf8'))?.split('\n') ?? []) {
      const [kind, name = '', key] = line.split(' ');
      if (kind === '?') {
        if (name !== this.#writer) open.set(name, [...(open.get(name) ?? []), ...next]);
        next = [];
      }
      if (kind === '.') open.delete(name);
      if (key === undefined || !isTab(name)) continue;
      if (kind === '+') rows.push({ tab: name, key });
      if (kind === '=') next.push({ tab: name, key });
    }
    return open.size === 0 ? undefined : { rows, written: [...open.values()].flat() };
  }

  /** Takes these for all there are. */
  replace(...groups: Iterable<RowName>[]): void {
    const path = this.#path;
    if (path === undefined) return;
    this.#try(() => {
      const file = openSync(`${path}.tmp`, 'w', 0o600);
      try {
        // A few at a time: the lines of a full spreadsheet's 300,000 rows take 60 MB of memory.
        for (const lines of inParts(this.#linesOf(groups))) writeSync(file, textOf(lines));
      } finally {
        closeSync(file);
      }
      renameSync(`${path}.tmp`, path);
    });
    this.#lines = 0;
  }

  *#linesOf(groups: Iterable<RowName>[]): Iterable<string> {
    for (const rows of groups) for (const row of rows) yield knownLine(row);
    if (!this.#open) return;
    for (const row of this.#written) yield writtenLine(row);
    yield `? ${this.#writer}`;
  }

  #append(lines: string[]): void {
    const path = this.#path;
    if (path === undefined) return;
    this.#lines += lines.length;
    this.#try(() => appendFileSync(path, textOf(lines), { mode: 0o600 }));
  }

  #try<T>(work: () => T): T | undefined {
    try {
      const result = work();
      this.#failed = false;
      return result;
    } catch (err) {
      if (!this.#failed) this.#logger.warn({ err }, 'keys of the sheet not kept');
      this.#failed = true;
      return undefined;
    }
  }
}

function* inParts(lines: Iterable<string>): Iterable<string[]> {
  let part: string[] = [];
  for (const line of lines) {
    if (part.push(line) < linesAPart) continue;
    yield part;
    part = [];
  }
  yield part;
}

function knownLine({ tab, key }: RowName): string {
  return `+ ${tab} ${key}`;
}

function writtenLine({ tab, key }: RowName): string {
  return `= ${tab} ${key}`;
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

function isTab(name: string): name is Tab {
  return name === 'Orders' || name === 'Items' || name === 'Returns';
}
