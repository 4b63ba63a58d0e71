/**
 * External text as Telegram HTML: well-formed UTF-16, `<`, `>`, `&` and `"` escaped (an unescaped `<` fails the whole
 * message), control characters dropped. `@name` and `/command` get an invisible joiner, for Telegram would make
 * them a mention, which rings at somebody, or a command that a tap sends.
 */
export function escape(text: string): string {
  return escapeMarkup(text.replaceAll(/@(?=\w)|(?<=^|\s)\/(?=[a-z])/gi, '$&\u2060'));
}

/** The same for `<code>` and attributes, where Telegram adds no links. */
export function escapeMarkup(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\P{Cc}\t\n]/gu, '')
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
  return html.replaceAll(/<[^>]*>/g, '').replaceAll(/&(?:lt|gt|quot|amp);/g, (entity) => characters[entity] ?? entity);
}
