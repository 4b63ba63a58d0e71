import { badRequest } from './bot-error.ts';

/** A formatted stretch of a message; offset and length count UTF-16 units, as in the Bot API. */
export interface Entity {
  type: string;
  offset: number;
  length: number;
  url?: string;
  language?: string;
  custom_emoji_id?: string;
}

export interface FormattedText {
  text: string;
  entities: Entity[];
}

interface OpenTag {
  name: string;
  argument: string;
  offset: number;
}

interface StartTag {
  name: string;
  argument: string;
  end: number;
}

const entityTypes: Record<string, string> = {
  a: 'text_link',
  b: 'bold',
  strong: 'bold',
  i: 'italic',
  em: 'italic',
  s: 'strikethrough',
  strike: 'strikethrough',
  del: 'strikethrough',
  u: 'underline',
  ins: 'underline',
  'tg-spoiler': 'spoiler',
  span: 'spoiler',
  'tg-emoji': 'custom_emoji',
  'tg-time': 'date_time',
  pre: 'pre',
  code: 'code',
  blockquote: 'blockquote',
};

const space = /[ \t\r\n\v\0]/;
const namedCharacters: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"' };

/**
 * Parses Telegram's HTML as tdlib's `parse_html` does: the same tags, the same four named entities, and the same
 * words when it rejects. Throws a BotError whose text begins "can't parse entities".
 */
export function parseHtml(html: string): FormattedText {
  const open: OpenTag[] = [];
  const entities: Entity[] = [];
  let text = '';
  let at = 0;
  while (at < html.length) {
    const rest = html.charAt(at);
    if (rest === '&') {
      const [decoded, next] = decodeCharacter(html, at);
      text += decoded;
      at = next;
    } else if (rest !== '<') {
      text += rest;
      at += 1;
    } else if (html.charAt(at + 1) === '/') {
      at = readEndTag(html, at, open, (tag) => close(tag, text, entities));
    } else {
      const tag = readStartTag(html, at);
      open.push({ name: tag.name, argument: tag.argument, offset: text.length });
      at = tag.end;
    }
  }
  const left = open.at(-1);
  if (left !== undefined) throw unparsable(`Can't find end tag corresponding to start tag "${left.name}"`);
  entities.sort((a, b) => a.offset - b.offset || b.length - a.length);
  return { text, entities };
}

function unparsable(text: string): Error {
  return badRequest(`can't parse entities: ${text}`);
}

/** tdlib reports byte offsets of the UTF-8 text. */
function bytesBefore(html: string, at: number): number {
  return Buffer.byteLength(html.slice(0, at));
}

/** `&…` at `at` as a character and where to go on; anything it does not know stays as it is. */
function decodeCharacter(html: string, at: number): [string, number] {
  const match = /^&(?:#x([0-9a-f]+)|#([0-9]+)|([a-z]+));?/i.exec(html.slice(at, at + 16));
  if (match === null) return ['&', at + 1];
  const [whole, hex, decimal, name] = match;
  const end = at + whole.length;
  if (name !== undefined) {
    const known = namedCharacters[name];
    return known === undefined ? ['&', at + 1] : [known, end];
  }
  const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  if (point === 0 || point >= 0x10ffff) return ['&', at + 1];
  return [String.fromCodePoint(point), end];
}

function readEndTag(html: string, begin: number, open: OpenTag[], closed: (tag: OpenTag) => void): number {
  const offset = bytesBefore(html, begin);
  const tag = open.pop();
  if (tag === undefined) throw unparsable(`Unexpected end tag at byte offset ${offset}`);
  let at = begin + 2;
  while (at < html.length && !space.test(html.charAt(at)) && html.charAt(at) !== '>') at += 1;
  const name = html.slice(begin + 2, at);
  while (at < html.length && space.test(html.charAt(at))) at += 1;
  if (html.charAt(at) !== '>') throw unparsable(`Unclosed end tag at byte offset ${offset}`);
  if (name !== '' && name !== tag.name) {
    throw unparsable(`Unmatched end tag at byte offset ${offset}, expected "</${tag.name}>", found "</${name}>"`);
  }
  closed(tag);
  return at + 1;
}

function readStartTag(html: string, begin: number): StartTag {
  const offset = bytesBefore(html, begin);
  let at = begin + 1;
  while (at < html.length && !space.test(html.charAt(at)) && html.charAt(at) !== '>') at += 1;
  if (at >= html.length) throw unparsable(`Unclosed start tag at byte offset ${offset}`);
  const name = html.slice(begin + 1, at).toLowerCase();
  if (entityTypes[name] === undefined) {
    throw unparsable(`Unsupported start tag "${name}" at byte offset ${offset}`);
  }
  const { attributes, end } = readAttributes(html, at, { name, offset });
  const argument = argumentOf(name, attributes);
  if (name === 'span' && argument !== 'spoiler') {
    throw unparsable(`Tag "span" must have class "tg-spoiler" at byte offset ${offset}`);
  }
  return { name, argument, end };
}

function argumentOf(name: string, attributes: Map<string, string>): string {
  const cut = (value: string | undefined, prefix: string) =>
    value?.startsWith(prefix) === true ? value.slice(prefix.length) : '';
  if (name === 'a') return attributes.get('href') ?? '';
  if (name === 'code') return cut(attributes.get('class'), 'language-');
  if (name === 'span') return cut(attributes.get('class'), 'tg-');
  if (name === 'tg-emoji') return attributes.get('emoji-id') ?? '';
  return '';
}

function readAttributes(
  html: string,
  from: number,
  tag: { name: string; offset: number },
): { attributes: Map<string, string>; end: number } {
  const attributes = new Map<string, string>();
  const unclosed = () => unparsable(`Unclosed start tag "${tag.name}" at byte offset ${tag.offset}`);
  let at = from;
  const skipSpace = () => {
    while (at < html.length && space.test(html.charAt(at))) at += 1;
    if (at >= html.length) throw unclosed();
  };
  for (;;) {
    skipSpace();
    if (html.charAt(at) === '>') return { attributes, end: at + 1 };
    const begin = at;
    while (at < html.length && !/[\s=>/"'\0]/.test(html.charAt(at))) at += 1;
    const name = html.slice(begin, at);
    if (name === '') {
      throw unparsable(`Empty attribute name in the tag "${tag.name}" at byte offset ${tag.offset}`);
    }
    skipSpace();
    if (html.charAt(at) !== '=') {
      attributes.set(name, '');
      continue;
    }
    at += 1;
    skipSpace();
    const value = readValue(html, at);
    attributes.set(name, value.text);
    at = value.end;
  }
}

function readValue(html: string, begin: number): { text: string; end: number } {
  const quote = html.charAt(begin);
  if (quote !== '"' && quote !== "'") {
    const token = /^[0-9a-z.-]*/i.exec(html.slice(begin))?.[0] ?? '';
    const end = begin + token.length;
    if (!/[\s>\0]/.test(html.charAt(end))) {
      throw unparsable(`Unexpected end of name token at byte offset ${bytesBefore(html, begin)}`);
    }
    return { text: token.toLowerCase(), end };
  }
  let text = '';
  let at = begin + 1;
  while (at < html.length && html.charAt(at) !== quote) {
    const [decoded, next] = html.charAt(at) === '&' ? decodeCharacter(html, at) : [html.charAt(at), at + 1];
    text += decoded;
    at = next;
  }
  return { text, end: Math.min(at + 1, html.length) };
}

function close(tag: OpenTag, text: string, entities: Entity[]): void {
  const length = text.length - tag.offset;
  if (length === 0) return;
  const type = entityTypes[tag.name] ?? tag.name;
  const entity: Entity = { type, offset: tag.offset, length };
  if (tag.name === 'a') {
    // A link without a usable address is plain text: an <a> that names none takes its own text as the address.
    const url = tag.argument === '' ? text.slice(tag.offset) : tag.argument;
    if (!/^(https?|tg|mailto|tel):|^[\w-]+(\.[\w-]+)+/i.test(url)) return;
    entity.url = url;
  }
  if (tag.name === 'code' && tag.argument !== '') entity.language = tag.argument;
  if (tag.name === 'tg-emoji') entity.custom_emoji_id = tag.argument;
  entities.push(entity);
}
