import { badRequest } from './bot-error.ts';
import { parseHtml, type Entity, type FormattedText } from './html-parser.ts';

const tagOf: Record<string, string> = {
  bold: 'b',
  italic: 'i',
  underline: 'u',
  strikethrough: 's',
  code: 'code',
  pre: 'pre',
  blockquote: 'blockquote',
};

/**
 * What the server makes of `text`: checked against 32,768 bytes before parsing and against `max` code points after it
 * (4096 for a message, 1024 for a caption; tdlib counts code points, not UTF-16 units).
 */
export function formattedText(text: string, parseMode: string | undefined, max: number, what: string): FormattedText {
  if (Buffer.byteLength(text) > 32_768) throw badRequest('Text is too long');
  if (/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text)) {
    throw badRequest('strings must be encoded in UTF-8');
  }
  const formatted = trimmed(parse(text, parseMode));
  if (Array.from(formatted.text).length > max) throw badRequest(`${what} is too long`);
  return formatted;
}

function parse(text: string, parseMode: string | undefined): FormattedText {
  if (parseMode === undefined || parseMode === '') return { text, entities: [] };
  if (parseMode.toLowerCase() === 'html') return parseHtml(text);
  throw badRequest(`unsupported parse_mode (this fake knows HTML only: ${parseMode})`);
}

/** Leading and trailing white space is cut by the server; entities move and shrink with it. */
function trimmed({ text, entities }: FormattedText): FormattedText {
  const lead = text.length - text.trimStart().length;
  const shown = text.trim();
  const moved: Entity[] = [];
  for (const entity of entities) {
    const begin = Math.max(0, entity.offset - lead);
    const end = Math.min(shown.length, entity.offset + entity.length - lead);
    if (end > begin) moved.push({ ...entity, offset: begin, length: end - begin });
  }
  return { text: shown, entities: moved };
}

/** The message as safe HTML for the page: text escaped, entities as tags. */
export function renderHtml({ text, entities }: FormattedText): string {
  const marks = entities.flatMap((entity, order) => [
    { at: entity.offset, rank: 1, order, html: openTag(entity) },
    { at: entity.offset + entity.length, rank: 0, order: -order, html: `</${closeTag(entity)}>` },
  ]);
  marks.sort((a, b) => a.at - b.at || a.rank - b.rank || a.order - b.order);
  let html = '';
  let at = 0;
  for (const mark of marks) {
    html += escapeHtml(text.slice(at, mark.at)) + mark.html;
    at = mark.at;
  }
  return html + escapeHtml(text.slice(at));
}

function openTag(entity: Entity): string {
  if (entity.type === 'text_link') return `<a rel="noreferrer" href="${escapeHtml(entity.url ?? '')}">`;
  return `<${closeTag(entity)}${entity.type === 'spoiler' ? ' class="spoiler"' : ''}>`;
}

function closeTag(entity: Entity): string {
  return entity.type === 'text_link' ? 'a' : (tagOf[entity.type] ?? 'span');
}

/** Escapes text for HTML content and for double-quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
