import { afterAll, beforeAll, expect, test } from 'vitest';
import { start, type Client } from './harness.ts';

let client: Client;

beforeAll(async () => {
  client = await start();
  const { change, put } = client;
  const status = { sheetId: 1, startRowIndex: 1, startColumnIndex: 1, endColumnIndex: 2 };
  const rule = (condition: object, backgroundColor: object) => ({
    addConditionalFormatRule: {
      index: 0,
      rule: { ranges: [status], booleanRule: { condition, format: { backgroundColor } } },
    },
  });
  await change(
    {
      addSheet: {
        properties: {
          sheetId: 1,
          index: 0,
          title: 'Orders',
          gridProperties: { rowCount: 400, columnCount: 4, frozenRowCount: 1 },
        },
      },
    },
    {
      updateCells: {
        start: { sheetId: 1 },
        rows: [{ values: [{ userEnteredValue: { stringValue: 'SN' }, note: 'the "order"' }] }],
        fields: '*',
      },
    },
    { setBasicFilter: { filter: { range: { sheetId: 1, startRowIndex: 0, endColumnIndex: 2 } } } },
    {
      addBanding: {
        bandedRange: {
          range: { sheetId: 1 },
          rowProperties: { headerColor: { blue: 1 }, firstBandColor: { green: 1 }, secondBandColor: { red: 1 } },
        },
      },
    },
    {
      repeatCell: {
        range: { sheetId: 1, startRowIndex: 1, startColumnIndex: 2, endColumnIndex: 3 },
        cell: { userEnteredFormat: { numberFormat: { type: 'NUMBER', pattern: '#,##0' } } },
        fields: 'userEnteredFormat.numberFormat',
      },
    },
    {
      updateDimensionProperties: {
        range: { sheetId: 1, dimension: 'COLUMNS', startIndex: 3, endIndex: 4 },
        properties: { hiddenByUser: true },
        fields: 'hiddenByUser',
      },
    },
    rule({ type: 'TEXT_EQ', values: [{ userEnteredValue: 'CANCELLED' }] }, { red: 1, green: 0.5 }),
    rule({ type: 'CUSTOM_FORMULA', values: [{ userEnteredValue: '=$A2="B250"' }] }, { red: 0.2 }),
  );
  await put('Orders!B1', [['Status', 'Total', 'Hidden']]);
  await put(
    'Orders!A2',
    Array.from({ length: 250 }, (_, at) => [`B${at + 1}`, at % 2 ? 'DONE' : 'CANCELLED', at * 1000, 'secret']),
  );
  await put('Orders!A3', [['<script>alert(1)</script>']]);
});

afterAll(() => client.google.close());

async function page(query = ''): Promise<string> {
  const response = await fetch(`${client.google.url}${query}`);
  expect(response.headers.get('content-type')).toContain('text/html');
  return response.text();
}

/** The opening tag and the text of a cell. */
function cell(html: string, name: string): string {
  return new RegExp(`<td[^>]*data-cell="${name}"[^>]*>[^<]*`, 'u').exec(html)?.[0] ?? '';
}

test('the last rows are shown below the frozen header, formatted and colored', async () => {
  const html = await page();
  expect(html).toContain('rows 202–251 of 251');
  expect(cell(html, 'A1')).toMatch(
    /class="noted filtered".*background-color:#0000ff.*title="the &#34;order&#34;".*>SN$/su,
  );
  expect(cell(html, 'C250')).toMatch(/text-align:right.*>248,000$/su);
  expect(cell(html, 'A250')).toContain('background-color:#00ff00');
  expect(cell(html, 'B250')).toContain('background-color:#ff8000');
  expect(cell(html, 'B251')).toContain('background-color:#330000');
  expect(html).not.toContain('secret');
  client.google.edit({ kind: 'color', tab: 'Orders', range: 'A250', color: '#abcdef' });
  expect(cell(await page(), 'A250')).toContain('background-color:#abcdef');
});

test('other pages and tabs have addresses of their own', async () => {
  const first = await page('?tab=1&page=1');
  expect(cell(first, 'A2')).toMatch(/>B1$/u);
  expect(first).toContain('rows 2–101 of 251');
  expect(cell(await page('?tab=0'), 'Z1')).toMatch(/>$/u);
});

test('what a buyer wrote is text', async () => {
  expect(await page('?tab=1&page=1')).toContain('&#60;script&#62;alert(1)');
});
