import { csvOf } from './csv.ts';
import { visibleLength } from './split.ts';
import type { Part } from '../waiting.ts';

const maxText = 4_000;
const maxBytes = 30_000;
/** Telegram takes 1,024. */
const maxCaption = 1_000;

/**
 * A list as one message. When its lines do not fit, the first are shown and all of them are in the CSV file that comes
 * with it: none is missing.
 */
export function listPart(list: {
  head: readonly string[];
  lines: readonly string[];
  fileName: string;
  rows: () => readonly (readonly (string | number | undefined)[])[];
}): Part {
  const { head, lines, fileName, rows } = list;
  const whole = [...head, '', ...lines].join('\n');
  if (visibleLength(whole) <= maxText && Buffer.byteLength(whole) <= maxBytes) return { kind: 'text', html: whole };
  return { kind: 'document', html: caption(head, lines), fileName, content: csvOf(rows()) };
}

/** As many lines as a caption has room for, and how many more the file has. */
function caption(head: readonly string[], lines: readonly string[]): string {
  const listed: string[] = [...head, ''];
  const tail = (left: number) => (left > 0 ? `… and ${left} more. All ${lines.length} are in the file.` : '');
  let shown = 0;
  for (const line of lines) {
    if (visibleLength([...listed, line, tail(lines.length - shown - 1)].join('\n')) > maxCaption) break;
    listed.push(line);
    shown += 1;
  }
  return [...listed, tail(lines.length - shown)].join('\n');
}

/** `Order status 2026-09-01T08:00` → `order-status-2026-09-01t08-00.csv`. */
export function csvName(words: string): string {
  return `${words.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.csv`;
}
