import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { openFormula } from './open-formula.ts';

/** A program that is called with a folder, which it shows to LibreOffice as /mnt, and LibreOffice's arguments. */
export const libreOffice = process.env['LIBREOFFICE'];

export type Value = string | number | boolean;
export type WorkbookCell = Value | { formula: string } | undefined;

/** A tab of a workbook; rows and columns from 0, and as many as the grid has, also blank ones. */
export interface WorkbookTab {
  title: string;
  rowCount: number;
  columnCount: number;
  rows: readonly (readonly WorkbookCell[])[];
}

/**
 * The values of the first `shown` tabs as LibreOffice calculates them, by title; a blank cell is ''. An array formula fills
 * the blank cells below it; those that it has nothing for are ''. Throws when a cell shows an error.
 */
export async function calculate(tabs: readonly WorkbookTab[], shown: number): Promise<Map<string, Value[][]>> {
  const program = libreOffice;
  if (program === undefined) throw new Error('LIBREOFFICE names no program');
  const folder = await mkdtemp(join(tmpdir(), 'workbook-'));
  try {
    await pipeline(flatDocument(tabs), createWriteStream(join(folder, 'in.fods'), { highWaterMark: 1_000_000 }));
    const values = new Map<string, Value[][]>();
    // Field separator, quote, UTF-8, from row 1; texts in quotes, values in full, and all sheets into files of their own.
    const filter = 'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,true,false,false,false,-1';
    await mkdir(join(folder, 'profile/user'), { recursive: true });
    await writeFile(join(folder, 'profile/user/registrymodifications.xcu'), alwaysRecalculate);
    // Twice: while it loads a document without values, LibreOffice (25.2) calculates matrices from cells that it has not
    // calculated yet. The second time every cell has a value, and all are calculated again.
    const convert = async (to: string, from: string) =>
      promisify(execFile)(program, [folder, '--convert-to', to, '--outdir', '/mnt', `/mnt/${from}`]);
    await convert('ods', 'in.fods');
    await convert(filter, 'in.ods');
    for (const [n, { title }] of tabs.slice(0, shown).entries())
      values.set(title, parseCsv(await readFile(join(folder, `in-${nameOf(n)}.csv`), 'utf8'), title));
    return values;
  } finally {
    await rm(folder, { recursive: true });
  }
}

const alwaysRecalculate = `<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="ODFRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>`;

/** Files are named after tabs, whose titles may hold anything; so tabs are renamed by their numbers. */
function nameOf(n: number): string {
  return `tab${n}`;
}

const namespaces = ['office', 'table', 'text', 'style']
  .map((name) => `xmlns:${name}="urn:oasis:names:tc:opendocument:xmlns:${name}:1.0"`)
  .join(' ');

function* flatDocument(tabs: readonly WorkbookTab[]): Generator<string> {
  const numbers = new Map(tabs.map(({ title }, n) => [title.toLowerCase(), nameOf(n)]));
  yield `<?xml version="1.0" encoding="UTF-8"?>
<office:document ${namespaces} xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0" xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2" office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.spreadsheet">
<office:automatic-styles><number:number-style style:name="N"><number:number number:decimal-places="9" number:min-integer-digits="1"/></number:number-style>
<style:style style:name="plain" style:family="table-cell" style:data-style-name="N"/></office:automatic-styles>
<office:body><office:spreadsheet><table:calculation-settings table:case-sensitive="false" table:use-wildcards="true" table:use-regular-expressions="false"/>`;
  for (const [n, tab] of tabs.entries()) {
    yield `<table:table table:name="${nameOf(n)}">`;
    for (let row = 0; row < tab.rowCount; row += 1) {
      const cells = tab.rows[row] ?? [];
      const texts = Array.from(cells, (cell, column) =>
        typeof cell === 'object' ? formulaCell(cell.formula, { tabs, tab, row, column, numbers }) : valueCell(cell),
      );
      const text = texts.join('').replaceAll(/(?:<table:table-cell\/>){2,}/gu, (blanks) => {
        const count = blanks.length / valueCell('').length;
        return `<table:table-cell table:number-columns-repeated="${count}"/>`;
      });
      yield `<table:table-row>${text || valueCell('')}</table:table-row>\n`;
    }
    yield '</table:table>\n';
  }
  yield '</office:spreadsheet></office:body></office:document>\n';
}

function valueCell(value: Value | undefined): string {
  if (value === undefined || value === '') return '<table:table-cell/>';
  if (typeof value === 'number') return `<table:table-cell office:value-type="float" office:value="${value}"/>`;
  if (typeof value === 'boolean')
    return `<table:table-cell office:value-type="boolean" office:boolean-value="${value}"/>`;
  return `<table:table-cell office:value-type="string"><text:p>${escape(value)}</text:p></table:table-cell>`;
}

interface Place {
  tabs: readonly WorkbookTab[];
  tab: WorkbookTab;
  row: number;
  column: number;
  numbers: ReadonlyMap<string, string>;
}

function formulaCell(formula: string, { tabs, tab, row, column, numbers }: Place): string {
  const tabOf = (title: string | undefined) => {
    if (title === undefined) return tab;
    const found = tabs.find((one) => one.title.toLowerCase() === title.toLowerCase());
    if (found === undefined) throw new Error(`a formula refers to the tab ${title}, which is not there`);
    return found;
  };
  const { text, isArray } = openFormula(formula, (title) => tabOf(title).rowCount);
  const renamed = text.replaceAll(/"(?:[^"]|"")*"|\$'((?:[^']|'')+)'(?=\.)/gu, (whole, title?: string) =>
    title === undefined ? whole : `$${numbers.get(title.replaceAll("''", "'").toLowerCase()) ?? ''}`,
  );
  const rows = blankBelow(tab, row, column);
  const area = isArray ? ` table:number-matrix-columns-spanned="1" table:number-matrix-rows-spanned="${rows}"` : '';
  return `<table:table-cell table:style-name="plain" table:formula="${escape(isArray ? spilled(renamed, rows) : renamed)}"${area}/>`;
}

/**
 * A matrix has as many cells as it is given: where there are more than values, LibreOffice fills them with errors, or with
 * the value where it is but one. Google fills as many cells as there are values. A name of LET holds no array that SORT or
 * FILTER gives by itself (25.2), only one that IFERROR passes on.
 */
function spilled(text: string, rows: number): string {
  if (!/UNIQUE|FILTER|SORT|SEQUENCE/u.test(text)) return text;
  const [prefix, body] = [text.slice(0, 4), text.slice(4)];
  const sequence = `COM.MICROSOFT.SEQUENCE(${rows})`;
  return `${prefix}COM.MICROSOFT.LET(spilled; ${body}; IF(${sequence} > COUNTA(spilled); ""; spilled))`;
}

/** How far an array formula can reach down. */
function blankBelow(tab: WorkbookTab, row: number, column: number): number {
  let end = row + 1;
  while (end < tab.rowCount && (tab.rows[end]?.[column] ?? '') === '') end += 1;
  return end - row;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** Texts come in quotes, and errors as texts: an array formula shows `#N/A` where it has no value. */
function parseCsv(text: string, title: string): Value[][] {
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line, row) =>
    [...`,${line}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^,]*))/gu)].map(([, quoted, plain = ''], column) => {
      const shown = quoted?.replaceAll('""', '"');
      if (shown === '#N/A' || (shown === undefined && plain === '')) return '';
      if (shown !== undefined && !/^(?:#|Err:)/u.test(shown)) return shown;
      if (plain === 'TRUE' || plain === 'FALSE') return plain === 'TRUE';
      const value = Number(shown ?? plain);
      if (Number.isNaN(value))
        throw new Error(`row ${row + 1}, column ${column + 1} of ${title} shows ${shown ?? plain}`);
      return value;
    }),
  );
}
