/** What Telegram would make a mention, a command, a web address or a mail address: an invisible joiner prevents it. */
const linkable = /@(?=\w)|(?<=^|\s)\/(?=[a-z])|(?<=[\p{L}\p{N}-])\.(?=\p{L})|(?<=:)\/(?=\/)/giu;
/** Control characters, and those that reorder the text around them. */
const controls = /[^\P{Cc}\t\n]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * External text as Telegram HTML: well-formed UTF-16, `<`, `>`, `&` and `"` escaped (an unescaped `<` fails the whole
 * message), without control and bidi characters, and nothing in it becomes a link.
 */
export function escape(text: string): string {
  return escapeMarkup(text.replaceAll(linkable, '$&\u2060'));
}

/** The same for `<code>` and attributes, where Telegram adds no links. */
export function escapeMarkup(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(controls, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** External text in one line: line breaks would look like lines of ours. */
export function escapeLine(text: string): string {
  return escape(text.replaceAll(/\s+/g, ' ').trim());
}

export function bold(text: string): string {
  return `<b>${escapeLine(text)}</b>`;
}

/** Monospaced: a tap copies it. */
export function code(text: string): string {
  return `<code>${escapeMarkup(text.replaceAll(/\s+/g, ' ').trim())}</code>`;
}

export function link(url: string, text: string): string {
  return `<a href="${escapeMarkup(url)}">${escapeLine(text)}</a>`;
}

const characters: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&amp;': '&' };

/** The visible text of our HTML: no tags, entities decoded. Also the fallback when Telegram cannot parse it. */
export function plainText(html: string): string {
  return html.replaceAll(/<[^<>]*>/g, '').replaceAll(/&(?:lt|gt|quot|amp);/g, (entity) => characters[entity] ?? entity);
}

/** At most `max` UTF-16 units of a text, never half a surrogate pair. */
export function truncate(text: string, max: number): string {
  const cut = text.slice(0, max);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}
