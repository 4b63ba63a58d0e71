import { escapeLine, plainText, truncate } from './html.ts';

/** Telegram allows 4,096 characters after parsing and 32,768 bytes before; both with room for the part's number. */
const maxVisible = 4_000;
const maxBytes = 30_000;
/** Longest first line of a part: `Part 10 of 12 · <order number>`. */
const headRoom = 80;

/**
 * Splits a message at its lines into parts that fit. A line that is too long for a part of its own is
 * cut, never inside a tag, an entity or an emoji; tags that are open at a cut are closed and opened again.
 * Two or more parts are numbered and carry `title`.
 */
export function splitMessage(lines: readonly string[], title: string): string[] {
  const whole = lines.join('\n');
  if (fits(whole, 0)) return [whole];
  const parts = pack(lines.flatMap(cutLine));
  const name = escapeLine(truncate(title, 40));
  return parts.map((part, index) => `<i>Part ${index + 1} of ${parts.length} · ${name}</i>\n${part}`);
}

/** An upper bound of what Telegram counts: UTF-16 units of the visible text. */
export function visibleLength(html: string): number {
  return plainText(html).length;
}

function fits(html: string, room: number): boolean {
  return visibleLength(html) <= maxVisible - room && Buffer.byteLength(html) <= maxBytes - room;
}

function pack(lines: readonly string[]): string[] {
  const parts: string[] = [];
  let part: string[] = [];
  let visible = 0;
  let bytes = 0;
  for (const line of lines) {
    const more = { visible: visibleLength(line) + 1, bytes: Buffer.byteLength(line) + 1 };
    if (visible + more.visible > maxVisible - headRoom || bytes + more.bytes > maxBytes - headRoom) {
      parts.push(part.join('\n'));
      part = [];
      visible = 0;
      bytes = 0;
    }
    // A part does not start with a separating blank line.
    if (part.length === 0 && line === '') continue;
    part.push(line);
    visible += more.visible;
    bytes += more.bytes;
  }
  if (part.length > 0) parts.push(part.join('\n'));
  return parts;
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** A line as pieces that each fit; almost always itself. */
function cutLine(line: string): string[] {
  if (fits(line, headRoom)) return [line];
  const pieces: string[] = [];
  const open: string[] = [];
  let piece = '';
  let visible = 0;
  const close = () =>
    open
      .map(tagName)
      .toReversed()
      .map((name) => `</${name}>`)
      .join('');
  for (const token of tokens(line)) {
    const length = token.startsWith('<') ? 0 : plainText(token).length;
    const bytes = Buffer.byteLength(piece) + Buffer.byteLength(token) + 200;
    if (length > 0 && (visible + length > maxVisible - headRoom || bytes > maxBytes - headRoom)) {
      pieces.push(piece + close());
      piece = open.join('');
      visible = 0;
    }
    if (token.startsWith('</')) open.pop();
    else if (token.startsWith('<')) open.push(token);
    piece += token;
    visible += length;
  }
  return [...pieces, piece];
}

/** Tags and entities whole, the rest by grapheme. */
function tokens(line: string): string[] {
  return line
    .split(/(<[^<>]*>|&(?:lt|gt|quot|amp);)/)
    .flatMap((part, index) =>
      index % 2 === 1 ? [part] : Array.from(graphemes.segment(part), ({ segment }) => segment).flatMap(breakUp),
    )
    .filter((token) => token !== '');
}

/** A grapheme has no maximum length: letters may carry any number of marks. */
function breakUp(segment: string): string[] {
  return segment.length <= 64 ? [segment] : Array.from(segment);
}

function tagName(tag: string): string {
  return /^<([a-z-]+)/.exec(tag)?.[1] ?? '';
}
