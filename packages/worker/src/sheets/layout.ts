import { columnsOf, type SheetRow, type Tab } from '../columns.ts';
import { toA1 } from './a1.ts';
import type { SheetsRequest, Spreadsheet, SpreadsheetClient } from './google-client.ts';
import { ReadCells } from './guard.ts';
import { mapHeader } from './header-map.ts';
import { KeyIndex } from './key-index.ts';
import { serialDate } from './serial-date.ts';
import { periodOf, sheetIdOf, tabOfSheetId, titleOf, type Rotation, type TabName } from './tab-ids.ts';
import { columnRequests, tabRequests } from './tab-look.ts';
import type { TabState } from './tab-state.ts';

/** Rows that a tab begins with and grows by: blank cells count towards the spreadsheet's 10 million. */
export const rowStep = 1000;
/** Source: "above the limit of 10000000 cells". */
export const maxCells = 10_000_000;

const tabs: readonly Tab[] = ['Orders', 'Items', 'Returns'];
const fields =
  'properties(timeZone,locale,title),sheets.properties(sheetId,title,index,gridProperties(rowCount,columnCount))';

export interface LayoutOptions {
  client: SpreadsheetClient;
  rotation: Rotation;
  /** Decimals of a currency's amounts; for the formats of money columns. */
  decimalsOf: (currency: string) => number;
  now: () => number;
}

/** Where everything stands in one spreadsheet: its tabs, our columns in them, and which row each key is in. */
export class Layout {
  readonly #options: LayoutOptions;
  #tabs = new Map<number, TabState>();
  #loaded = false;
  timeZone = 'UTC';
  /** Cells of all tabs, blank ones and the user's too. */
  cellCount = 0;

  constructor(options: LayoutOptions) {
    this.#options = options;
  }

  get loaded(): boolean {
    return this.#loaded;
  }

  /** The tabs that hold rows of a kind. */
  tabsOf(tab: Tab): TabState[] {
    return [...this.#tabs.values()].filter((state) => state.tab === tab);
  }

  get all(): TabState[] {
    return [...this.#tabs.values()];
  }

  /** Whether every tab that these rows would be added to is there. */
  covers(rows: readonly SheetRow[]): boolean {
    return this.#loaded && rows.every((row) => this.#tabs.has(this.#idFor(row)) || this.find(row) !== undefined);
  }

  /** Where a row stands, as far as we know. */
  find(row: SheetRow): { tab: TabState; at: number } | undefined {
    for (const tab of this.#tabs.values()) {
      const at = tab.tab === row.tab ? tab.index.get(row.key) : undefined;
      if (at !== undefined) return { tab, at };
    }
    return undefined;
  }

  /** The tab that a row is added to when it stands nowhere yet. */
  tabFor(row: SheetRow): TabState {
    const tab = this.#tabs.get(this.#idFor(row)) ?? this.#adopted(this.#nameFor(row));
    if (tab === undefined) throw new Error(`tab of ${row.tab} was not loaded`);
    return tab;
  }

  /**
   * Looks at the spreadsheet anew: makes the tabs and columns that are missing, and reads where ours stand and which
   * rows the keys are in. Safe to repeat at any point.
   */
  async load(rows: readonly SheetRow[]): Promise<void> {
    this.#loaded = false;
    const { client } = this.#options;
    const spreadsheet = await client.get(fields);
    this.timeZone = spreadsheet.properties?.timeZone ?? 'UTC';
    const found = tabsIn(spreadsheet, this.#wanted(rows));
    const missing = this.#wanted(rows).filter((name) => !found.some((state) => isNamed(state, name)));
    const decimals = this.#decimals(rows);
    if (missing.length > 0) {
      await client.change(missing.flatMap((name) => newTabRequests(name, decimals)));
      found.push(...missing.map(newTabState));
    }
    await this.#readHeaders(found, decimals);
    this.cellCount = cellsOf(spreadsheet) + missing.reduce((sum, { tab }) => sum + rowStep * columnsOf[tab].length, 0);
    await this.#readKeys(found);
    this.#tabs = new Map(found.map((state) => [state.sheetId, state]));
    this.#loaded = true;
  }

  /** Reads the key columns anew, for rows have moved; one read. */
  async reindex(): Promise<void> {
    await this.#readKeys([...this.#tabs.values()]);
  }

  /** Reads the keys below the last row that we know of: those that another writer has added. */
  async readTail(): Promise<void> {
    const { client } = this.#options;
    const states = [...this.#tabs.values()].filter((state) => state.index.next <= state.rowCount);
    if (states.length === 0) return;
    const blocks = await client.read(
      states.map((state) => keyRange(state, state.index.next)),
      'COLUMNS',
    );
    for (const { title, row, values } of blocks) {
      states.find((state) => state.title === title)?.index.extend(row, values[0] ?? []);
    }
  }

  /** Adds rows, so that these last rows are inside the grid. One write request, or none. */
  async grow(lastRows: ReadonlyMap<TabState, number>): Promise<void> {
    const { client } = this.#options;
    const growing = [...lastRows].filter(([tab, last]) => last > tab.rowCount);
    if (growing.length === 0) return;
    const added = growing.map(([tab, last]) => ({
      tab,
      length: Math.ceil((last - tab.rowCount) / rowStep) * rowStep,
    }));
    await client.change(
      added.map(({ tab, length }) => ({ appendDimension: { sheetId: tab.sheetId, dimension: 'ROWS', length } })),
    );
    for (const { tab, length } of added) {
      tab.rowCount += length;
      this.cellCount += length * tab.columnCount;
    }
  }

  async #readHeaders(states: TabState[], decimals: number): Promise<void> {
    const { client } = this.#options;
    const range = ({ title, columnCount }: TabState) =>
      toA1({ title, firstRow: 1, lastRow: 1, firstColumn: 0, lastColumn: columnCount - 1 });
    const blocks = await client.read(states.map(range));
    const requests: SheetsRequest[] = [];
    for (const state of states) {
      const cells = new ReadCells(blocks, state.title).row(1);
      const { missing } = mapHeader(cells, state.columns);
      // To the right of the whole grid, where nothing of the user's can be.
      const at = state.columnCount;
      while (missing.length > 0 && cells.length < at) cells.push('');
      if (missing.length > 0) {
        requests.push(
          { appendDimension: { sheetId: state.sheetId, dimension: 'COLUMNS', length: missing.length } },
          ...columnRequests(state.sheetId, missing, { at, decimals }),
        );
        state.columnCount += missing.length;
      }
      state.header = mapHeader([...cells, ...missing.map((column) => column.header)], state.columns);
    }
    if (requests.length > 0) await client.change(requests);
  }

  async #readKeys(states: TabState[]): Promise<void> {
    const { client } = this.#options;
    const filled = states.filter((state) => state.rowCount > 1);
    const blocks = await client.read(
      filled.map((state) => keyRange(state, 2)),
      'COLUMNS',
    );
    for (const state of states) {
      const block = blocks.find(({ title }) => title === state.title);
      state.index = new KeyIndex();
      state.index.extend(block?.row ?? 2, block?.values[0] ?? []);
    }
  }

  #wanted(rows: readonly SheetRow[]): TabName[] {
    const today = this.#dayOf(this.#options.now() / 1000);
    const period = periodOf(today, this.#options.rotation);
    const names = [...tabs.map((tab) => ({ tab, period })), ...rows.map((row) => this.#nameFor(row))];
    return [...new Map(names.map((name) => [sheetIdOf(name), name])).values()];
  }

  #nameFor(row: SheetRow): TabName {
    const { rotation, now } = this.#options;
    const created = row.cells['create_time'];
    const day = this.#dayOf(typeof created === 'number' && created > 0 ? created : now() / 1000);
    return { tab: row.tab, period: periodOf(day, rotation) };
  }

  #idFor(row: SheetRow): number {
    const name = this.#nameFor(row);
    return this.#adopted(name)?.sheetId ?? sheetIdOf(name);
  }

  #adopted(name: TabName): TabState | undefined {
    return [...this.#tabs.values()].find((state) => isNamed(state, name));
  }

  #dayOf(unixSeconds: number): string {
    const days = Math.floor(serialDate(unixSeconds, this.timeZone) - 25_569);
    return new Date(days * 86_400_000).toISOString().slice(0, 10);
  }

  #decimals(rows: readonly SheetRow[]): number {
    const currency = rows.map((row) => row.cells['currency']).find((cell) => typeof cell === 'string');
    return typeof currency === 'string' ? this.#options.decimalsOf(currency) : 2;
  }
}

function keyRange({ title, header }: TabState, firstRow: number): string {
  return toA1({ title, firstRow, firstColumn: header.key, lastColumn: header.key });
}

function isNamed(state: TabName, name: TabName): boolean {
  return state.tab === name.tab && state.period === name.period;
}

/** Our tabs: those with an id that we gave, else those that bear the title of a tab that is wanted. */
function tabsIn(spreadsheet: Spreadsheet, wanted: readonly TabName[]): TabState[] {
  const sheets = (spreadsheet.sheets ?? []).map((sheet) => sheet.properties ?? {});
  const known = sheets.flatMap((sheet) => {
    const name = tabOfSheetId(sheet.sheetId ?? -1);
    return name === undefined ? [] : [stateOf(name, sheet)];
  });
  const adopted = wanted
    .filter((name) => !known.some((state) => isNamed(state, name)))
    .flatMap((name) => {
      const sheet = sheets.find(({ title }) => title === titleOf(name));
      return sheet === undefined ? [] : [stateOf(name, sheet)];
    });
  return [...known, ...adopted];
}

type SheetProperties = NonNullable<NonNullable<Spreadsheet['sheets']>[number]['properties']>;

function stateOf(name: TabName, sheet: SheetProperties): TabState {
  const columns = columnsOf[name.tab];
  return {
    ...name,
    sheetId: sheet.sheetId ?? 0,
    title: sheet.title ?? '',
    rowCount: sheet.gridProperties?.rowCount ?? 0,
    columnCount: sheet.gridProperties?.columnCount ?? 0,
    columns,
    header: mapHeader([], columns),
    index: new KeyIndex(),
  };
}

function newTabState(name: TabName): TabState {
  const gridProperties = { rowCount: rowStep, columnCount: columnsOf[name.tab].length };
  return stateOf(name, { sheetId: sheetIdOf(name), title: titleOf(name), gridProperties });
}

function newTabRequests(name: TabName, decimals: number): SheetsRequest[] {
  const columns = columnsOf[name.tab];
  const sheetId = sheetIdOf(name);
  const gridProperties = { rowCount: rowStep, columnCount: columns.length, frozenRowCount: 1 };
  return [
    { addSheet: { properties: { sheetId, title: titleOf(name), gridProperties } } },
    ...columnRequests(sheetId, columns, { at: 0, decimals }),
    ...tabRequests(sheetId, columns.length),
  ];
}

function cellsOf(spreadsheet: Spreadsheet): number {
  return (spreadsheet.sheets ?? []).reduce((sum, { properties }) => {
    const grid = properties?.gridProperties;
    return sum + (grid?.rowCount ?? 0) * (grid?.columnCount ?? 0);
  }, 0);
}
