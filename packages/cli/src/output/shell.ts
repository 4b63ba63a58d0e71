import { randomUUID } from 'node:crypto';
import { styleText } from 'node:util';
import { exitCodes } from '../errors/cli-error.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

type Color = 'green' | 'yellow' | 'red' | 'dim' | 'bold';

/** A command's environment and output. */
export class Shell {
  readonly env: Environment;
  readonly isTty: boolean;
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  json = false;
  exitCode: number = exitCodes.success;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;

  constructor(parts: {
    env: Environment;
    isTty: boolean;
    out: (line: string) => void;
    err: (line: string) => void;
    signal?: AbortSignal;
  }) {
    this.env = parts.env;
    this.isTty = parts.isTty;
    this.out = parts.out;
    this.err = parts.err;
    this.signal = parts.signal ?? new AbortController().signal;
  }

  /** With --json prints the value on one line; else the text lines. */
  show(value: unknown, lines: () => readonly string[]): void {
    if (this.json) this.showJson(value);
    else for (const line of lines()) this.out(printable(line));
  }

  /** Prints a value as JSON on one line. */
  showJson(value: unknown): void {
    this.out(JSON.stringify(value).replace(controls, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`));
  }

  /** Adds color, on a terminal only. */
  paint(color: Color, text: string): string {
    if (!this.isTty || this.json) return text;
    return styleText(color, text, { validateStream: false }).replaceAll(escape, escapeMark);
  }
}

const escape = '\u001B';
/** Stands in for the escape character in our own color codes until a line is printed. Unguessable, so no field contains it. */
const escapeMark = randomUUID();
/** Control characters, C1 included, and those that reorder text. */
const controls = /[\p{Cc}\u2028-\u202E\u2066-\u2069]/gu;

/** A line with its control characters made visible: an order's fields must not control the terminal. */
export function printable(line: string): string {
  const visible = line.replace(controls, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return visible.replaceAll(escapeMark, escape);
}

/** Rows as aligned columns, with a heading. */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [heading, ...rows];
  const widths = heading.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** A time in ms as text; a dash for none. */
export function formatTime(ms: number | null | undefined): string {
  return ms === null || ms === undefined || ms === 0 ? '-' : new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
