import { readFileSync } from 'node:fs';
import { html, Html } from '../../fake-server/html.ts';
import { cssColor } from './cell-style.ts';
import type { Counters } from '../api/request-log.ts';
import type { Spreadsheet } from '../spreadsheet/spreadsheet.ts';
import { calculatedValues } from './calculated-values.ts';
import { chartsOf } from './page-charts.ts';
import { frozenRows, gridTable } from './page-grid.ts';
import type { Sheet } from '../spreadsheet/sheet.ts';

const style = readFileSync(new URL('page.css', import.meta.url), 'utf8');
const script = readFileSync(new URL('page.client.js', import.meta.url), 'utf8');

/** What the page shows. */
export interface ShownSpreadsheets {
  readonly spreadsheetId: string;
  readonly counters: Readonly<Counters>;
  now(): number;
  spreadsheet(spreadsheetId: string): Spreadsheet;
}

/** The spreadsheet as a person sees it; its last rows, unless the query names a page. The page's script fetches it again and again. */
export function sheetPage(google: ShownSpreadsheets, query: URLSearchParams): string {
  const spreadsheetId = query.get('spreadsheetId') ?? google.spreadsheetId;
  const spreadsheet = google.spreadsheet(spreadsheetId);
  const shown = spreadsheet.sheets.filter((sheet) => !sheet.fields.hidden);
  const sheet = shown.find((one) => String(one.id) === query.get('tab')) ?? firstUsed(shown) ?? spreadsheet.sheets[0];
  if (sheet === undefined) throw new Error('a spreadsheet has at least one tab');
  const link = (tab: Sheet, page?: number) =>
    `?${new URLSearchParams({ spreadsheetId, tab: String(tab.id), ...(page !== undefined && { page: String(page) }) }).toString()}`;
  const isReport = sheet.fields.charts.length > 0;
  const values = calculatedValues(spreadsheet, sheet, google.now());
  const { used, page, pages, start, end } = pageOf(sheet, isReport ? '1' : query.get('page'), isReport);
  const note =
    values.size > 0
      ? 'Fake of Google Sheets. The figures here come from plain arithmetic over the same rows.'
      : 'Fake of Google Sheets. Formulas are shown, not calculated.';
  const title = spreadsheet.fields.properties.title ?? '';
  const turn = (to: number, label: string) =>
    to >= 1 && to <= pages && to !== page
      ? html`<a href="${link(sheet, to)}">${label}</a>`
      : html`<span>${label}</span>`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} – Sheets fake</title>
        <style>
          ${new Html(style)}
        </style>
      </head>
      <body>
        <header>
          <span class="logo" aria-hidden="true">▦</span>
          <h1>${title}</h1>
          <p>${note}</p>
          <p id="facts">${statusLine(google, spreadsheetId)}</p>
        </header>
        <div class="bar"><output id="name"></output><span class="fx">fx</span><output id="value"></output></div>
        <main id="view" data-start="${isReport ? 'top' : 'end'}">
          <div id="sheet">${gridTable(sheet, { start, end }, values)}</div>
          <div id="drawn"></div>
        </main>
        <div id="charts" hidden>${JSON.stringify(chartsOf(sheet, values))}</div>
        <footer>
          <nav id="tabs" aria-label="Tabs">${shown.map((tab) => tabLink(tab, link(tab), tab === sheet))}</nav>
          <div class="pager" id="pager">
            ${turn(1, '« first')} ${turn(page - 1, '‹ previous')}
            <b>rows ${Math.min(start + 1, used)}–${Math.min(end, used)} of ${used}</b>
            ${turn(page + 1, 'next ›')} ${turn(pages, 'last »')}
          </div>
        </footer>
        ${isReport ? html`<script src="/chart.js"></script>` : html``}
        <script>
          ${new Html(script)};
        </script>
      </body>
    </html>`.text;
}

interface Page {
  used: number;
  page: number;
  pages: number;
  start: number;
  end: number;
}

function pageOf(sheet: Sheet, wanted: string | null, isWhole: boolean): Page {
  const { grid } = sheet;
  const frozen = frozenRows(sheet);
  const used = grid.usedRows(grid.area);
  const rowsPerPage = isWhole ? grid.rowCount : 100;
  const pages = Math.max(1, Math.ceil((used - frozen) / rowsPerPage));
  const page = Math.min(pages, Math.max(1, Number(wanted ?? pages) || pages));
  const start = frozen + (page - 1) * rowsPerPage;
  // A few blank rows below the last one, so that an empty sheet looks like one.
  const end = Math.min(page === pages ? Math.max(used + 3, start + 25) : start + rowsPerPage, grid.rowCount);
  return { used, page, pages, start, end: Math.max(start, end) };
}

/** The first tab that holds something: the one that a new spreadsheet comes with stays empty. */
function firstUsed(shown: readonly Sheet[]): Sheet | undefined {
  return shown.find(({ grid }) => grid.usedRows(grid.area) > 0) ?? shown[0];
}

function tabLink(tab: Sheet, href: string, current: boolean): Html {
  const { tabColor, tabColorStyle } = tab.fields.properties;
  const color = cssColor(tabColorStyle, tabColor) ?? 'transparent';
  const state = current ? html` aria-current="page"` : html``;
  return html`<a href="${href}" style="border-bottom-color:${color}" ${state}>${tab.title}</a>`;
}

function statusLine(google: ShownSpreadsheets, spreadsheetId: string): string {
  const { reads, writes, throttled } = google.counters;
  return `${reads} reads · ${writes} writes · ${throttled} rejected by quota · ${google.spreadsheet(spreadsheetId).cellCount.toLocaleString('en')} cells`;
}
