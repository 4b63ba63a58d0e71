import { expect, test } from 'vitest';
import { columnName } from '@shopee-webhook/sheets';
import { columnsOf } from '../../src/report/columns.ts';
import { reportSchema } from '../../src/report/schema.ts';
import { summaryTabs } from '../../src/report/summary.ts';
import { summaryTables } from '../../src/report/summary-tab.ts';
import { headersOf, sheetWorld, type SheetWorld } from '../../../sheets/test/sheet-world.ts';

/** The model behind a tab, for what a test cannot see in its values. */
function model(world: SheetWorld, title = 'Orders') {
  const sheet = world.google.spreadsheet().sheetByTitle(title);
  if (sheet === undefined) throw new Error(`no tab ${title}`);
  return sheet;
}

test('a tab has exactly our columns, a frozen header, a filter, bands and a protection that only warns', async () => {
  const world = await sheetWorld();
  await world.writer().upsert([world.row('1:a', 1)]);
  for (const tab of ['Orders', 'Items', 'Returns', 'Adjustments'] as const) {
    const { fields, grid } = model(world, tab);
    expect(grid.columnCount).toBe(columnsOf[tab].length);
    expect(fields.properties.gridProperties).toMatchObject({ frozenRowCount: 1, frozenColumnCount: 1 });
    expect(fields.basicFilter).toBeDefined();
    expect(fields.bandedRanges).toHaveLength(1);
    expect(fields.protectedRanges.map(({ warningOnly }) => warningOnly)).toEqual([true]);
    const hasStatus = columnsOf[tab].some(({ kind }) => kind === 'status');
    expect(fields.conditionalFormats.length > 10).toBe(hasStatus);
  }
});

test('fees and taxes can be collapsed, each beside its total; what people read comes before them', async () => {
  const world = await sheetWorld();
  await world.writer().upsert([world.row('1:a', 1)]);
  const headers = headersOf('Orders');
  const groups = model(world).fields.columnGroups.map(({ range, depth }) => {
    const { startIndex = 0, endIndex = 0 } = range ?? {};
    return { total: headers[(startIndex ?? 0) - 1], columns: headers.slice(startIndex ?? 0, endIndex ?? 0), depth };
  });
  expect(groups).toEqual([
    {
      total: 'Fees',
      columns: [
        'Commission',
        'Service fee',
        'Transaction fee',
        'AMS commission',
        'Campaign fee',
        'Processing fee',
        'Other fees',
      ],
      depth: 1,
    },
    { total: 'Taxes', columns: ['Withholding tax', 'VAT, GST and SST', 'Import duty'], depth: 1 },
  ]);
  expect(headers.slice(0, 9)).toEqual([
    'Order SN',
    'Status',
    'Created',
    'Currency',
    'Final amount',
    'Paid out',
    'Paid out at',
    'Carrier',
    'Tracking number',
  ]);
});

test('money has the decimals of the first orders’ currency, the finest of several', async () => {
  for (const [currencies, pattern] of [
    [['IDR'], '#,##0'],
    [['SGD'], '#,##0.00'],
    [['VND', 'SGD'], '#,##0.00'],
  ] as const) {
    const world = await sheetWorld();
    await world.writer().upsert(currencies.map((currency, n) => world.row(`1:${n}`, 1, { currency })));
    const column = headersOf('Orders').indexOf('Escrow amount');
    const [format] = model(world).grid.columns[column]?.formats ?? [];
    expect(format?.format).toMatchObject({ numberFormat: { type: 'NUMBER', pattern } });
  }
});

/** Patterns of the cells in a row, by the header above them; those that show amounts. */
function amountPatterns(world: SheetWorld, title: string, row: number): Set<string | null | undefined> {
  const { grid } = model(world, title);
  const patterns = Array.from(
    { length: grid.columnCount },
    (_, column) => grid.format(row, column).numberFormat?.pattern,
  );
  return new Set(patterns.filter((pattern) => pattern?.startsWith('#,##0') === true && pattern !== '#,##0.##'));
}

/** What a tab holds besides its rows' values. */
function formats(world: SheetWorld): string {
  return JSON.stringify(world.google.state().spreadsheets[0]?.sheets.map(({ fields, columns }) => [fields, columns]));
}

test('amounts show their decimals once a finer currency comes, in every tab, also after a restart', async () => {
  const world = await sheetWorld();
  const october = Date.UTC(2026, 9, 20) / 1000;
  const november = Date.UTC(2026, 10, 20) / 1000;
  const options = { rotation: 'month', derivedTabs: summaryTabs } as const;
  const dong = (key: string, created: number) => world.row(key, 1, { currency: 'VND', create_time: created });
  const dollar = (key: string, created: number) =>
    world.row(key, 1, { currency: 'SGD', create_time: created, escrow_amount: 30.7 });
  await world.writer(options).upsert([dong('1:a', october)]);
  expect(amountPatterns(world, 'Orders 2026-10', 1)).toEqual(new Set(['#,##0']));

  const writer = world.writer(options);
  await writer.upsert([dong('1:b', october)]);
  world.google.edit({ kind: 'insert-column', tab: 'Orders 2026-10', before: 'Order SN', header: 'Mine' });
  await writer.upsert([dollar('2:a', october)]);
  const titles = world.google.sheets().map(({ title }) => title);
  for (const title of titles.filter((one) => /^(Orders|Items|Returns|Adjustments)/.test(one)))
    expect(amountPatterns(world, title, 1)).toEqual(new Set(['#,##0.00']));
  const { figures, byDay, bySku } = summaryTables;
  for (const { headings } of [figures, byDay, bySku])
    expect(amountPatterns(world, 'Summary', headings + 1)).toEqual(new Set(['#,##0', '#,##0.00']));
  expect(amountPatterns(world, 'Costs', 1)).toEqual(new Set(['#,##0.00']));

  const before = formats(world);
  await world.settled(writer);
  world.google.clearLog();
  await writer.upsert([dollar('2:b', october), dong('1:c', october)]);
  await world.writer(options).upsert([dollar('2:c', october)]);
  expect(formats(world)).toBe(before);
  expect(world.google.requests.map(({ method }) => method)).not.toContain('batchUpdate');
  await world.writer(options).upsert([dong('1:d', november)]);
  expect(amountPatterns(world, 'Orders 2026-11', 1)).toEqual(new Set(['#,##0.00']));
});

test('a sheet in which decimals cannot be shown still gets its rows', async () => {
  const world = await sheetWorld();
  const writer = world.writer({ derivedTabs: summaryTabs });
  await writer.upsert([world.row('1:a', 1, { currency: 'VND' })]);
  world.google.edit({ kind: 'protect', tab: 'Orders', range: 'A500:Z500' });
  const rows = world.google.sheet('Summary').rowCount;
  world.google.edit({ kind: 'delete-rows', tab: 'Summary', at: 10, count: rows - 9 });
  await writer.upsert([world.row('2:a', 1, { currency: 'SGD' })]);
  expect(world.versions()).toEqual([
    ['1:a', 1],
    ['2:a', 1],
  ]);
  expect(amountPatterns(world, 'Items', 1)).toEqual(new Set(['#,##0']));
  expect(world.log.filter((line) => line.includes('sheet formatting rejected'))).toHaveLength(2);

  world.google.edit({ kind: 'unprotect', tab: 'Orders' });
  await world.writer({ derivedTabs: summaryTabs }).upsert([world.row('2:b', 1, { currency: 'SGD' })]);
  for (const title of ['Orders', 'Items']) expect(amountPatterns(world, title, 1)).toEqual(new Set(['#,##0.00']));
});

test('times are shown by the spreadsheet’s own clock', async () => {
  const world = await sheetWorld({ spreadsheet: { timeZone: 'Asia/Jakarta' } });
  await world.writer().upsert([world.row('1:a', 1, { create_time: Date.UTC(2026, 10, 23, 17, 30) / 1000 })]);
  // Half past midnight of the 24th in Jakarta, as days since 1899-12-30.
  expect(world.rows()[0]?.['Created']).toBeCloseTo(46_350 + 0.5 / 24, 8);
});

test('a second worker changes nothing of the look, nor of what the user made of it', async () => {
  const world = await sheetWorld();
  await world.writer().upsert([world.row('1:a', 1)]);
  world.google.edit({ kind: 'color', tab: 'Orders', range: 'A2:C9', color: '#ff0000' });
  const before = JSON.stringify(
    world.google.state().spreadsheets[0]?.sheets.map(({ fields, columns }) => [fields, columns]),
  );
  world.google.clearLog();
  await world.writer().upsert([world.row('1:b', 1)]);
  const after = JSON.stringify(
    world.google.state().spreadsheets[0]?.sheets.map(({ fields, columns }) => [fields, columns]),
  );
  expect(after).toBe(before);
  expect(world.google.requests.map(({ method }) => method)).not.toContain('batchUpdate');
});

test('Summary and Costs are made with formulas and charts, once, and not when they are not wanted', async () => {
  const world = await sheetWorld();
  await world.writer({ derivedTabs: summaryTabs }).upsert([world.row('1:a', 1)]);
  await world.writer({ derivedTabs: summaryTabs }).upsert([world.row('1:b', 1)]);
  expect(world.google.sheets().map(({ title }) => title)).toEqual([
    'Sheet1',
    ...Object.keys(reportSchema.tabs),
    'Summary',
    'Costs',
    'Summary data',
  ]);
  expect(model(world, 'Summary data').fields.hidden).toBe(true);
  expect(model(world, 'Summary').fields.charts).toHaveLength(5);
  const formulas = world.google
    .sheet('Summary')
    .rows()
    .flat()
    .filter((cell) => String(cell).startsWith('='));
  expect(formulas.length).toBeGreaterThan(15);

  const without = await sheetWorld();
  await without.writer().upsert([without.row('1:a', 1)]);
  expect(without.google.sheets().map(({ title }) => title)).not.toContain('Summary');
});

/** Every formula of Summary and of what it counts on. */
function summaryFormulas(world: SheetWorld): string[] {
  const cells = ['Summary', 'Summary data'].flatMap((title) => world.google.sheet(title).rows().flat().map(String));
  return cells.filter((cell) => cell.startsWith('='));
}

test('Summary follows a column that the user deleted, and that came back at the right', async () => {
  const world = await sheetWorld();
  const writer = world.writer({ derivedTabs: summaryTabs });
  await writer.upsert([world.row('1:a', 1)]);
  const place = (header: string) => columnName(world.google.sheet('Orders').header().indexOf(header));
  const before = place('Commission');
  const names = (column: string) => summaryFormulas(world).some((one) => one.includes(`SUMIFS(Orders!$${column}:`));
  expect(names(before)).toBe(true);
  world.google.edit({ kind: 'delete-column', tab: 'Orders', column: 'Commission' });
  await writer.upsert([world.row('1:a', 2)]);
  const after = place('Commission');
  expect(after).not.toBe(before);
  expect(names(after)).toBe(true);
});

test('Summary names no tab of a past month that the user deleted, also while no worker ran', async () => {
  const world = await sheetWorld();
  const rows = (version: number, months = [9, 10, 11]) =>
    months.map((month) =>
      world.row(`1:${month}`, version, { create_time: Date.UTC(2026, month - 1, 20) / 1000, currency: 'SGD' }),
    );
  const first = world.writer({ rotation: 'month', derivedTabs: summaryTabs });
  await first.upsert(rows(1));
  expect(summaryFormulas(world).join()).toContain('Orders 2026-09');
  await world.settled(first);
  world.google.edit({ kind: 'delete-tab', tab: 'Orders 2026-09' });
  await first.upsert(rows(2, [10, 11]));
  await first.audit();
  expect(summaryFormulas(world).join()).not.toContain('Orders 2026-09');
  await first.stop();

  world.google.edit({ kind: 'delete-tab', tab: 'Orders 2026-10' });
  // What the formula shows by then: its reference is gone.
  world.google.edit({ kind: 'edit-cell', tab: 'Summary', cell: 'B6', value: '#REF!' });
  await world.writer({ rotation: 'month', derivedTabs: summaryTabs }).upsert(rows(3, [11]));
  expect(summaryFormulas(world).join()).not.toContain('Orders 2026-10');
  expect(String(world.google.sheet('Summary').rows()[5]?.[1])).toContain('Orders 2026-11');
});

test('tabs of an older version are made again, and what the seller typed into its Costs stays', async () => {
  const world = await sheetWorld();
  await world.writer({ derivedTabs: summaryTabs }).upsert([world.row('1:a', 1)]);
  for (const [cell, value] of [
    ['A2', 'SKU-1'],
    ['B2', 3],
    ['C2', 'my note'],
  ] as const)
    world.google.edit({ kind: 'edit-cell', tab: 'Costs', cell, value });
  // As it was: three columns of the seller's own, and no hidden tab.
  world.google.edit({ kind: 'delete-column', tab: 'Costs', column: 'Valid from' });
  world.google.edit({ kind: 'delete-column', tab: 'Costs', column: 'Returned goods can be sold again' });
  world.google.edit({ kind: 'delete-tab', tab: 'Summary data' });
  await world.writer({ derivedTabs: summaryTabs }).upsert([world.row('1:b', 1)]);
  expect(world.google.sheet('Costs').rows()[1]?.slice(0, 5)).toEqual(['SKU-1', 3, 'my note', '', '']);
  expect(world.google.sheet('Costs').header().slice(0, 9)).toEqual([
    'SKU', 'Unit cost', 'Your notes', 'Valid from', 'Returned goods can be sold again', '',
    'SKUs without a cost', 'Item', 'Units',
  ]); // prettier-ignore
  expect(summaryFormulas(world).join()).not.toContain('#REF');
});

test('a month more makes the hidden tab wider, and leaves nothing in it of before', async () => {
  const world = await sheetWorld();
  const row = (month: number) => world.row(`1:${month}`, 1, { create_time: Date.UTC(2026, month - 1, 20) / 1000 });
  const options = { rotation: 'month', derivedTabs: summaryTabs } as const;
  await world.writer(options).upsert([row(10)]);
  const { columnCount } = world.google.sheet('Summary data');
  await world.writer(options).upsert([row(11), row(9)]);
  expect(world.google.sheet('Summary data').columnCount).toBeGreaterThan(columnCount);

  const fresh = await sheetWorld();
  await fresh.writer(options).upsert([row(10), row(11), row(9)]);
  const cells = (one: SheetWorld) => one.google.sheet('Summary data').rows();
  expect(cells(world).flat().filter(Boolean).length).toBe(cells(fresh).flat().filter(Boolean).length);
});

test('what the seller typed into Costs stays when Summary is made again', async () => {
  const world = await sheetWorld();
  await world.writer({ derivedTabs: summaryTabs }).upsert([world.row('1:a', 1)]);
  world.google.edit({ kind: 'edit-cell', tab: 'Costs', cell: 'A2', value: 'SKU-1' });
  world.google.edit({ kind: 'delete-tab', tab: 'Summary' });
  await world.writer({ derivedTabs: summaryTabs }).upsert([world.row('1:b', 1)]);
  expect(world.google.sheet('Costs').rows()[1]?.[0]).toBe('SKU-1');
  expect(world.google.sheets().map(({ title }) => title)).toContain('Summary');
});

test('with monthly rotation new orders go to the tab of their month, and known orders stay where they are', async () => {
  const world = await sheetWorld();
  const october = Date.UTC(2026, 9, 20) / 1000;
  const november = Date.UTC(2026, 10, 20) / 1000;
  await world.writer().upsert([world.row('1:old', 1, { create_time: october })]);
  const writer = world.writer({ rotation: 'month', derivedTabs: summaryTabs });
  await writer.upsert([
    world.row('1:old', 2, { create_time: october }),
    world.row('1:oct', 1, { create_time: october }),
    world.row('1:nov', 1, { create_time: november }),
  ]);
  expect(world.versions('Orders')).toEqual([['1:old', 2]]);
  expect(world.versions('Orders 2026-10')).toEqual([['1:oct', 1]]);
  expect(world.versions('Orders 2026-11')).toEqual([['1:nov', 1]]);
  await writer.upsert([world.row('1:oct', 2, { create_time: october })]);
  expect(world.versions('Orders 2026-10')).toEqual([['1:oct', 2]]);
});

test('the cells of all tabs are counted, blank ones too', async () => {
  const world = await sheetWorld();
  const writer = world.writer();
  await writer.upsert([world.row('1:a', 1)]);
  const cells = world.google.spreadsheet().cellCount;
  expect(writer.status().spreadsheets[0]?.cellShare).toBeCloseTo(cells / 10_000_000, 9);
});

test('an older installation keeps its order of columns: new ones stand at the right, and headers that we renamed follow', async () => {
  const world = await sheetWorld();
  const before = reportSchema.tabs.Orders.columns
    .filter(({ id }) => !['goods_sold', 'unexplained', 'fees'].includes(id))
    .map((column) =>
      column.former === undefined ? column : { ...column, header: column.former[0] ?? '', note: 'old' },
    )
    .toReversed();
  const schema = { ...reportSchema, tabs: { ...reportSchema.tabs, Orders: { number: 1, columns: before } } };
  await world.writer({ schema }).upsert([world.row('1:a', 1, { escrow_amount: 5 })]);
  const theirs = before.findIndex(({ id }) => id === 'seller_discount');
  world.google.edit({ kind: 'edit-cell', tab: 'Orders', cell: `${columnName(theirs)}1`, value: 'Giảm giá' });

  await world.writer().upsert([world.row('1:a', 2, { goods_sold: 7, seller_discount: 3 })]);
  const header = world.google.sheet('Orders').header();
  const renamed = before.map(({ id, header: text }) => {
    if (id === 'seller_discount') return 'Giảm giá';
    return reportSchema.tabs.Orders.columns.find((column) => column.id === id)?.header ?? text;
  });
  expect(header).toEqual([...renamed, 'Goods sold', 'Fees', 'Unexplained']);
  expect(world.rows()).toMatchObject([{ 'Goods sold': 7, 'Giảm giá': 3, 'Escrow amount': 5 }]);
  const { note } = model(world).grid.extra(0, header.indexOf('List price')) ?? {};
  expect(note).toContain('Not part of the sum');
});
