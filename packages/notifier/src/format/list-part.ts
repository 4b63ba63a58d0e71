import { toCsv } from './csv.ts';
import { visibleLength } from './split.ts';
import type { MessagePart } from '../messages/outgoing.ts';

const maxText = 4_000;
const maxBytes = 30_000;
/** Telegram takes 1,024. */
const maxCaption = 1_000;

/**
 * A list as one message. When its lines do not fit, the first are shown and all of them are in the attached CSV file:
 * none is missing.
 */
export function listPart(list: {
  head: readonly string[];
  lines: readonly string[];
  fileName: string;
  rows: () => readonly (readonly (string | number | undefined)[])[];
}): MessagePart {
  const { head, lines, fileName, rows } = list;
  const whole = [...head, '', ...lines].join('\n');
  if (fits(whole, maxText)) return { kind: 'text', html: whole };
  const html = shortened(
    list,
    maxCaption,
    (left) => `… and ${left} more. All ${lines.length} are in the attached file.`,
  );
  const alone = shortened(list, maxText, (left) => `… and ${left} more. The bot may not send files.`);
  return { kind: 'document', html, fileName, content: toCsv(rows()), alone };
}

/** As many lines as fit, followed by `more` for the rest. */
function shortened(
  { head, lines }: { head: readonly string[]; lines: readonly string[] },
  maxVisible: number,
  more: (left: number) => string,
): string {
  const listed: string[] = [...head, ''];
  const tail = (left: number) => (left > 0 ? more(left) : '');
  let shown = 0;
  for (const line of lines) {
    if (!fits([...listed, line, tail(lines.length - shown - 1)].join('\n'), maxVisible)) break;
    listed.push(line);
    shown += 1;
  }
  return [...listed, tail(lines.length - shown)].join('\n');
}

function fits(html: string, maxVisible: number): boolean {
  return visibleLength(html) <= maxVisible && Buffer.byteLength(html) <= maxBytes;
}

/** `Order status 2026-09-01T08:00` → `order-status-2026-09-01t08-00.csv`. */
export function csvName(texts: string): string {
  return `${texts.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.csv`;
}
