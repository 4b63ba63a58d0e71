/** Functions that OpenDocument knows by a longer name. LibreOffice 24.8 was the first to have them. */
const extended = new Set(['FILTER', 'LET', 'SEQUENCE', 'SORT', 'UNIQUE', 'XLOOKUP', 'XMATCH']);

const token =
  /"(?:[^"]|"")*"|(?:(?<title>'(?:[^']|'')+'|[\p{L}_][\p{L}\p{N}_.]*)!)?(?<from>\$?[A-Z]{1,3}(?:\$?\d+)?):(?<to>\$?[A-Z]{1,3}(?:\$?\d+)?)(?![\p{L}\p{N}_(.])|(?:(?<oneTitle>'(?:[^']|'')+'|[\p{L}_][\p{L}\p{N}_.]*)!)?(?<one>\$?[A-Z]{1,3}\$?\d+)(?![\p{L}\p{N}_(.:])|(?<call>[A-Z][A-Z0-9.]*)(?=\()/gu;

/**
 * A formula of Google Sheets as OpenDocument writes it: brackets around references, and whole columns with the number of
 * rows of their tab, as Google takes them. An ARRAYFORMULA around all of it becomes a matrix, as in Google's own export.
 * `rowsOf` gives the rows of a tab, of the formula's own where the title is undefined.
 */
export function openFormula(
  formula: string,
  rowsOf: (title: string | undefined) => number,
): { text: string; isArray: boolean } {
  const array = /^=ARRAYFORMULA\((?<body>.*)\)$/su.exec(formula)?.groups?.['body'];
  const text = (array ?? formula.slice(1)).replaceAll(token, (whole, ...rest: unknown[]) => {
    const groups = rest.at(-1) as Record<string, string | undefined>;
    const { title, from, to, oneTitle, one, call } = groups;
    if (call !== undefined) return extended.has(call) ? `COM.MICROSOFT.${call}` : call;
    if (one !== undefined) return `[${sheetOf(oneTitle)}.${one}]`;
    if (from === undefined || to === undefined) return whole;
    const rows = rowsOf(title === undefined ? undefined : plainTitle(title));
    const [first, last] = [/\d/u.test(from) ? from : `${from}$1`, /\d/u.test(to) ? to : `${to}$${rows}`];
    return `[${sheetOf(title)}.${first}:.${last}]`;
  });
  return { text: `of:=${text}`, isArray: array !== undefined };
}

function sheetOf(title: string | undefined): string {
  return title === undefined ? '' : `$'${plainTitle(title).replaceAll("'", "''")}'`;
}

function plainTitle(title: string): string {
  return title.startsWith("'") ? title.slice(1, -1).replaceAll("''", "'") : title;
}
