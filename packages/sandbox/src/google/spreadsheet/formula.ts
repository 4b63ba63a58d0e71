import { columnIndex, columnName, quoteTitle } from './a1.ts';

const patterns = {
  text: /"(?:[^"]|"")*"/uy,
  error: /#(?:REF!|N\/A|VALUE!|DIV\/0!|NAME\?|NUM!|NULL!|ERROR!)/uy,
  title: /(?:'(?:[^']|'')+'|[\p{L}_][\p{L}\p{N}_.]*)!/uy,
  range:
    /(?:\$?[A-Z]{1,3}\$?[1-9]\d*|\$?[A-Z]{1,3}(?=:\$?[A-Z]{1,3}(?![\p{L}\p{N}_(]))|\$?[1-9]\d*(?=:\$?\d))(?::(?:\$?[A-Z]{1,3}\$?[1-9]\d*|\$?[A-Z]{1,3}|\$?[1-9]\d*))?(?![\p{L}\p{N}_.(])/iuy,
  name: /[\p{L}_\\][\p{L}\p{N}_.]*(?:\[[^\]]*\])?/uy,
  operator: /<>|<=|>=|[-+*/^&=<>]/uy,
  sign: /[-+@]/uy,
  space: /\s+/uy,
};

/**
 * Whether Google Sheets can read a formula that begins with `=`. One that it cannot read stays in its cell, which then shows
 * `#ERROR!`. Names and numbers of arguments are not checked: those give other errors, and only once it is calculated.
 */
export function isFormulaReadable(formula: string, locale: string): boolean {
  const comma = decimalSign(locale) === ',';
  const number = comma ? /\d+(?:,\d*)?(?:E[+-]?\d+)?|,\d+/iuy : /\d+(?:\.\d*)?(?:E[+-]?\d+)?|\.\d+/iuy;
  // A semicolon separates arguments everywhere; a comma only where it is no decimal sign.
  const separators = comma ? /[;\\]/uy : /[,;]/uy;
  let at = 1;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.exec(formula);
    if (found !== null) at += found[0].length;
    return found !== null;
  };
  const sign = (text: string): boolean => {
    take(patterns.space);
    const found = formula.startsWith(text, at);
    if (found) at += text.length;
    return found;
  };
  const list = (end: string): boolean => {
    do {
      take(patterns.space);
      // An argument may be left out.
      if (!formula.startsWith(end, at) && !/[,;\\]/u.test(formula.charAt(at)) && !expression()) return false;
      take(patterns.space);
    } while (take(separators));
    return sign(end);
  };
  const operand = (): boolean => {
    take(patterns.space);
    while (take(patterns.sign)) take(patterns.space);
    if (take(patterns.text) || take(patterns.error)) return true;
    if (sign('(')) return list(')');
    if (sign('{')) return list('}');
    if (take(patterns.title)) return take(patterns.range) || take(patterns.name) || take(patterns.error);
    if (take(patterns.range) || take(number)) return true;
    if (!take(patterns.name)) return false;
    // A call, and calls of what it returns: LAMBDA(x, x)(1).
    while (formula.charAt(at) === '(') {
      at += 1;
      if (!list(')')) return false;
    }
    return true;
  };
  const expression = (): boolean => {
    do {
      if (!operand()) return false;
      while (sign('%'));
      // INDEX(A:A, 2):B9
      if (formula.charAt(at) === ':' && (at += 1) > 0 && !operand()) return false;
    } while (take(patterns.operator));
    return true;
  };
  return expression() && at === formula.length;
}

/** How Google stores a formula: references in capitals and in order, titles quoted only where they must be. */
export function canonicalFormula(formula: string, titles: readonly string[]): string {
  const known = new Map(titles.map((title) => [title.toLowerCase(), title]));
  return formula.replaceAll(
    /"(?:[^"]|"")*"|('(?:[^']|'')+'|[\p{L}_][\p{L}\p{N}_.]*)!|(?<![\p{L}\p{N}_.$])(\$?[A-Z]{1,3}\$?[1-9]\d*)(?::(\$?[A-Z]{1,3}\$?[1-9]\d*))?(?![\p{L}\p{N}_.(!])/giu,
    (whole, title?: string, from?: string, to?: string) => {
      if (title !== undefined) {
        const plain = title.startsWith("'") ? title.slice(1, -1).replaceAll("''", "'") : title;
        return `${quoteTitle(known.get(plain.toLowerCase()) ?? plain)}!`;
      }
      return from === undefined ? whole : orderedRange(from.toUpperCase(), to?.toUpperCase());
    },
  );
}

/** The formula as it is some rows and columns further: `=A1` is `=A2` one row below, `=$A$1` stays. */
export function shiftedFormula(formula: string, by: { rows: number; columns: number } | undefined): string {
  if (by === undefined || (by.rows === 0 && by.columns === 0)) return formula;
  return formula.replaceAll(
    /"[^"]*"|'[^']*'|(?<![\w$.])(\$?)([A-Z]{1,3})(\$?)(\d+)(?![\w(])/gu,
    (whole, fixedColumn?: string, letters?: string, fixedRow?: string, row?: string) => {
      if (letters === undefined || row === undefined) return whole;
      const column = fixedColumn === '$' ? `$${letters}` : columnName(columnIndex(letters) + by.columns);
      return `${column}${fixedRow === '$' ? `$${row}` : String(Number(row) + by.rows)}`;
    },
  );
}

const numbers = new Map<string, string>();

/** `,` or `.`, by the spreadsheet's locale (`de_DE`). */
export function decimalSign(locale: string): string {
  let sign = numbers.get(locale);
  if (sign === undefined) {
    const parts = Intl.NumberFormat(locale.replaceAll('_', '-')).formatToParts(1.5);
    sign = parts.find(({ type }) => type === 'decimal')?.value ?? '.';
    numbers.set(locale, sign);
  }
  return sign;
}

/** `B3:A2` as `A2:B3`, and `A1:A1` as `A1`. */
function orderedRange(from: string, to: string | undefined): string {
  if (to === undefined || to === from) return from;
  const corner = /^(\$?)([A-Z]+)(\$?)(\d+)$/u;
  const [, fixedA = '', columnA = '', fixedRowA = '', rowA = ''] = corner.exec(from) ?? [];
  const [, fixedB = '', columnB = '', fixedRowB = '', rowB = ''] = corner.exec(to) ?? [];
  const before = columnA.length - columnB.length || columnA.localeCompare(columnB);
  const [left, right] = [`${fixedA}${columnA}`, `${fixedB}${columnB}`];
  const [top, bottom] = [`${fixedRowA}${rowA}`, `${fixedRowB}${rowB}`];
  const columns = before <= 0 ? [left, right] : [right, left];
  const rows = Number(rowA) <= Number(rowB) ? [top, bottom] : [bottom, top];
  return `${columns[0]}${rows[0]}:${columns[1]}${rows[1]}`;
}
