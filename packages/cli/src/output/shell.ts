import { styleText } from 'node:util';
import { exitCodes } from '../errors.ts';

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
    if (this.json) this.out(JSON.stringify(value));
    else for (const line of lines()) this.out(line);
  }

  /** Adds color, on a terminal only. */
  paint(color: Color, text: string): string {
    return this.isTty && !this.json ? styleText(color, text, { validateStream: false }) : text;
  }
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
