import type { Column, SheetRow, SheetSchema } from '../schema/schema.ts';
import { decimalsFields, maxDecimals, decimalsRequests, recordedDecimals } from './decimals.ts';
import type { SheetsRequest, Spreadsheet, SpreadsheetClient, ValueBlock } from '../client/google-client.ts';
import { GoogleError, type GoogleErrorKind } from '../client/google-errors.ts';
import { ReadCells } from '../client/read-cells.ts';
import { findingsIn, type SheetFindings } from './findings.ts';
import { headerMatches, isRepeated } from './header-map.ts';
import { findHeader, type HeaderPlace } from './header-row.ts';
import { KeyColumnMissingError } from './key-column-missing-error.ts';
import { headerRequests, missingColumnRequests, missingTagRequests } from './layout-requests.ts';
import { tagHeaderRequests } from './layout-tags.ts';
import { locateColumns } from './locate-columns.ts';
import { allKeyRanges, fillIndex, fillIndexFromColumn, headerRange, keyRange, versionRange } from './ranges.ts';
import {
  countCells,
  isSameTab,
  tagRequests,
  newTabRequests,
  newTabState,
  plainTabRequests,
  rowStep,
  tabFields,
  findManagedTabs,
} from './managed-tabs.ts';
import { localDate } from '../format/serial-date.ts';
import type { DerivedTabs } from './derived-tabs.ts';
import { recordedZone, recordOfChange, zoneChange, zoneRequests, type ZoneChange } from './zone.ts';
import { periodOf, sheetIdOf, type Rotation, type TabName } from './tab-ids.ts';
import type { RowLocation, TabState } from './tab-state.ts';

/** Source: "above the limit of 10000000 cells". Blank cells count. */
export const maxCells = 10_000_000;

const zoneFields = `properties(timeZone,locale),${decimalsFields}`;
const fields = `${zoneFields},${tabFields}`;
/** A user who moves the header each time it is put back is left alone for a while. */
const maxLoads = 4;
/** With these Google says that a change cannot be made; others may succeed when it is sent again. */
const rejectionKinds: readonly GoogleErrorKind[] = ['bad-request', 'cells-full', 'protected', 'grid', 'range'];

export interface SpreadsheetIndexDeps {
  client: SpreadsheetClient;
  schema: SheetSchema;
  rotation: Rotation;
  derivedTabs?: DerivedTabs | undefined;
  now: () => number;
  /** Called with keys that were in the sheet when it was last read and are not any more. */
  onDisappeared: (tab: string, keys: string[]) => void;
  /** Called when a header had to be put back above the rows of a tab. */
  onHeaderRestored: (title: string, kind: HeaderPlace['kind']) => void;
  /** Called when Google rejects formats or derived tabs. */
  onFormatRejected: (error: GoogleError) => void;
}

/** Where everything stands in one spreadsheet: its tabs, our columns in them, and which row each key is in. */
export class SpreadsheetIndex {
  readonly #deps: SpreadsheetIndexDeps;
  #tabs = new Map<number, TabState>();
  #isLoaded = false;
  /** Of the finest currency so far: shops of several countries may share a spreadsheet. */
  #decimals = 0;
  /** Grows with each time that the keys of all tabs are read. */
  revision = 0;
  timeZone = 'Etc/UTC';
  /** How the spreadsheet shows numbers and dates, as `en_US`. */
  locale = '';
  /** The user changed the zone, and dates in the tabs still have the clock of the old one. */
  zoneChange: ZoneChange | undefined;
  /** Cells of all tabs, blank ones and the user's too. */
  cellCount = 0;
  /** Keys of tabs that the user had removed and that were made again. */
  missing: { tab: string; keys: string[] }[] = [];

  constructor(options: SpreadsheetIndexDeps) {
    this.#deps = options;
  }

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  get schema(): SheetSchema {
    return this.#deps.schema;
  }

  get tabs(): TabState[] {
    return [...this.#tabs.values()];
  }

  tab(sheetId: number): TabState | undefined {
    return this.#tabs.get(sheetId);
  }

  /** Whether every tab that these rows would be added to is there, and shows the decimals of their amounts. */
  hasTabsFor(rows: readonly SheetRow[]): boolean {
    if (!this.#isLoaded || this.#maxDecimals(rows) > this.#decimals) return false;
    return rows.every((row) => this.locate(row) !== undefined || this.#findTargetTab(row) !== undefined);
  }

  /** Where a row stands, as far as we know. */
  locate(row: Pick<SheetRow, 'tab' | 'key'>): RowLocation | undefined {
    return this.locateKey(row.tab, row.key);
  }

  /** Every row of ours that we know of. */
  *rows(): Iterable<{ tab: string; key: string }> {
    for (const { tab, index } of this.#tabs.values()) for (const key of index.keys()) yield { tab, key };
  }

  locateKey(kind: string, key: string): RowLocation | undefined {
    for (const tab of this.#tabs.values()) {
      const at = tab.tab === kind ? tab.index.get(key) : undefined;
      if (at !== undefined) return { tab, at };
    }
    return undefined;
  }

  /** The keys in tabs of this kind that are `key` and a part of their own. */
  detailsOf(kind: string, key: string): string[] {
    return this.tabs.flatMap(({ tab, index }) => (tab === kind ? index.detailsOf(key) : []));
  }

  /** The tab that a row is added to when it stands nowhere yet. */
  targetTab(row: SheetRow): TabState {
    const tab = this.#findTargetTab(row);
    if (tab === undefined) throw new Error(`the tab for ${row.tab} was not loaded`);
    return tab;
  }

  /** Keys that stand in several rows, of one tab or of several tabs of a kind. */
  duplicates(): { key: string; places: RowLocation[] }[] {
    return Object.keys(this.#deps.schema.tabs).flatMap((kind) => {
      const states = this.tabs.filter((state) => state.tab === kind);
      const repeated = new Set(states.flatMap(({ index }) => [...index.duplicates.keys()]));
      for (const [n, state] of states.entries()) {
        const others = states.slice(n + 1);
        if (others.length === 0) continue;
        for (const key of state.index.keys())
          if (others.some(({ index }) => index.get(key) !== undefined)) repeated.add(key);
      }
      return [...repeated].map((key) => ({
        key,
        places: states.flatMap((tab) => tab.index.rowsOf(key).map((at) => ({ tab, at }))),
      }));
    });
  }

  /** What should not be there, as it was last read. */
  findings(): SheetFindings {
    return findingsIn(this.tabs, this.duplicates());
  }

  /**
   * Reads the spreadsheet again: creates the tabs and columns that are missing, and finds where ours are and which rows
   * the keys are in. Safe to repeat at any point.
   */
  async load(rows: readonly SheetRow[], attempt = 1): Promise<void> {
    const { client, schema, derivedTabs } = this.#deps;
    this.#isLoaded = false;
    const spreadsheet = await client.getSpreadsheet(fields);
    const isZoneRecorded = this.#adoptZone(spreadsheet);
    const recorded = recordedDecimals(schema, spreadsheet);
    const decimals = Math.max(recorded, this.#decimals, this.#maxDecimals(rows));
    const isFiner = decimals > recorded;
    const wanted = this.#requiredTabs(rows);
    const found = findManagedTabs(schema, spreadsheet, wanted);
    const created = wanted
      .filter((name) => !found.some((state) => isSameTab(state, name)))
      .map((name) => newTabState(schema, name));
    await this.#createTabs(created, decimals);
    const columnsAdded = await this.#locateColumns(found, decimals);
    const shown = await this.#readKeys(found, derivedTabs?.probeRanges(spreadsheet) ?? []);
    if (shown === undefined) return this.#loadAgain(rows, attempt);
    this.#collectMissing(created);
    const ours = [...found, ...created];
    const before = this.tabs;
    // A formula that refers to something deleted keeps its `#REF!`.
    const tabRemoved = before.some(({ sheetId }) => !ours.some((state) => state.sheetId === sheetId));
    const isOutdated = columnsAdded || tabRemoved || derivedTabs?.needsRecalculation(ours, shown) === true;
    const derived = derivedTabs?.requests({ spreadsheet, tabs: ours, created, decimals, isFiner, isOutdated }) ?? [];
    const zoneRecord = isZoneRecorded ? [] : zoneRequests(schema, this.timeZone);
    const additions = [...tagRequests(schema, spreadsheet, found), ...zoneRecord, ...derived];
    if (additions.length > 0) await this.#applyFormatting(additions);
    // The last, for it records that all tabs have them.
    if (isFiner) await this.#applyFormatting(decimalsRequests(schema, found, decimals));
    this.#decimals = decimals;
    this.#tabs = new Map(ours.map((state) => [state.sheetId, state]));
    this.#reportDisappeared(before);
    this.cellCount = countCells(spreadsheet, this.tabs);
    this.#isLoaded = true;
    this.revision += 1;
  }

  /** Reads zone and locale again; a user may change both at any time. One read. */
  async readSettings(): Promise<void> {
    this.#adoptZone(await this.#deps.client.getSpreadsheet(zoneFields));
  }

  /** Records that dates are being rewritten for the change of the zone, or that all of them are. */
  async recordZone(state: 'in progress' | 'done'): Promise<void> {
    const { client, schema, now } = this.#deps;
    const change = this.zoneChange;
    if (change === undefined) return;
    await client.batchUpdate(zoneRequests(schema, state === 'done' ? change.to : recordOfChange(change, now())));
    if (state === 'done') this.zoneChange = undefined;
  }

  /** While dates are being rewritten, a further change waits. False when the spreadsheet records no zone yet. */
  #adoptZone(spreadsheet: Spreadsheet): boolean {
    const { schema, now } = this.#deps;
    const { timeZone = 'Etc/UTC', locale = '' } = spreadsheet.properties ?? {};
    this.locale = locale ?? '';
    if (this.zoneChange !== undefined) return true;
    const record = recordedZone(schema, spreadsheet);
    this.timeZone = timeZone ?? 'Etc/UTC';
    this.zoneChange = zoneChange(record, this.timeZone, now());
    return record !== undefined;
  }

  /** Reads the key columns again, for rows have moved: one read, and more only when columns or tabs have changed too. */
  async reindex(): Promise<void> {
    const states = this.tabs;
    try {
      const ranges = states.flatMap((state) => [headerRange(state), ...allKeyRanges(state)]);
      const blocks = await this.#deps.client.readRanges(ranges, 'COLUMNS');
      const isUnchanged = states.every((state) => {
        const { title, header } = state;
        const block = blocks.find((one) => one.title === title && one.row === header.row);
        const cells = new ReadCells([toRowBlock(title, header.row, block)], title);
        state.header = { ...header, isRepeated: isRepeated([...header.positions.values()], cells.row(header.row)) };
        return headerMatches(header, cells);
      });
      if (isUnchanged) {
        const before = states.map((state) => ({ ...state }));
        for (const state of states) fillIndex(state, blocks);
        this.#reportDisappeared(before);
        this.revision += 1;
        return;
      }
    } catch (error) {
      if (!isStaleIndexError(error)) throw error;
    }
    await this.load([]);
  }

  /** The version of every row, by tab and key: reads whole columns. */
  async readVersions(): Promise<Map<string, number>> {
    const states = this.tabs.filter(({ header, rowCount }) => header.row < rowCount);
    const blocks = await this.#deps.client.readRanges(states.map(versionRange), 'COLUMNS');
    const versions = new Map<string, number>();
    for (const { tab, title, index } of states) {
      const cells = blocks.find((block) => block.title === title)?.values[0] ?? [];
      for (const key of index.keys()) versions.set(`${tab}\n${key}`, Number(cells[(index.get(key) ?? 0) - 1]) || 0);
    }
    return versions;
  }

  /** Reads the keys that another writer has added below the last row that we know of; all keys when rows were moved. */
  async readAppended(): Promise<void> {
    const states = this.tabs.filter((state) => state.index.nextRow <= state.rowCount + 1);
    if (states.length === 0) return;
    try {
      const ranges = states.map((state) => keyRange(state, state.index.nextRow - 1));
      const blocks = await this.#deps.client.readRanges(ranges, 'COLUMNS');
      const extended = states.map((state) => {
        const block = blocks.find(({ title }) => title === state.title);
        return state.index.appendKeys(block?.values[0] ?? []);
      });
      if (!extended.includes(false)) return;
    } catch (error) {
      if (!isStaleIndexError(error)) throw error;
    }
    await this.reindex();
  }

  /**
   * Adds rows, so that these last rows are inside the grid, and those that wait behind them too: else each flush of a long
   * line would have to grow it. No more than 1,000 rows stay blank. One write request, or none.
   */
  async growGrid(lastRows: ReadonlyMap<TabState, number>, waiting: () => Iterable<SheetRow> = () => []): Promise<void> {
    const short = [...lastRows].filter(([tab, last]) => last > tab.rowCount);
    if (short.length === 0) return;
    const behind = this.#countNewRows(waiting());
    const growing = short.map(([tab, last]) => {
      const missing = last + (behind.get(tab) ?? 0) - tab.rowCount;
      return { tab, length: Math.ceil(missing / rowStep) * rowStep };
    });
    await this.#deps.client.batchUpdate(
      growing.map(({ tab, length }) => ({ appendDimension: { sheetId: tab.sheetId, dimension: 'ROWS', length } })),
    );
    for (const { tab, length } of growing) {
      tab.rowCount += length;
      this.cellCount += length * tab.columnCount;
    }
  }

  /** How many of these rows stand nowhere yet, by the tab that they will be added to. */
  #countNewRows(rows: Iterable<SheetRow>): Map<TabState, number> {
    const counts = new Map<TabState, number>();
    for (const row of rows) {
      const tab = this.locate(row) === undefined ? this.#findTargetTab(row) : undefined;
      if (tab !== undefined) counts.set(tab, (counts.get(tab) ?? 0) + 1);
    }
    return counts;
  }

  /** Makes tabs; without their look if Google rejects that. */
  async #createTabs(created: readonly TabState[], decimals: number): Promise<void> {
    if (created.length === 0) return;
    const { client, schema } = this.#deps;
    const all = created.flatMap((state) => newTabRequests(schema, state, decimals));
    if (!(await this.#applyFormatting(all))) await client.batchUpdate(created.flatMap(plainTabRequests));
  }

  /** Changes that orders can do without: false when Google rejects them. */
  async #applyFormatting(requests: SheetsRequest[]): Promise<boolean> {
    const { client, onFormatRejected } = this.#deps;
    try {
      await client.batchUpdate(requests);
      return true;
    } catch (error) {
      if (!(error instanceof GoogleError) || !rejectionKinds.includes(error.kind)) throw error;
      onFormatRejected(error);
      return false;
    }
  }

  /** Finds our columns, adds those that are missing, and tags what has no tag. True when it added some. */
  async #locateColumns(states: readonly TabState[], decimals: number): Promise<boolean> {
    const { client, schema } = this.#deps;
    const located = await locateColumns(client, schema, states);
    for (const { state, holdsData } of located) {
      const isForeign = state.header.positions.size === 0;
      if (state.header.key < 0 && holdsData && !isForeign) throw new KeyColumnMissingError(state.title);
    }
    const added = states.flatMap((state) => missingColumnRequests(schema, state, decimals));
    if (added.length > 0) await client.batchUpdate(added);
    const tags = located.flatMap((tab) => missingTagRequests(schema, tab));
    if (tags.length > 0) await this.#applyFormatting(tags);
    return added.length > 0;
  }

  /**
   * Fills the indexes, with the one read that also shows what is in `others`. Undefined when a header had to be put back
   * above its rows, so that rows have moved.
   */
  async #readKeys(states: readonly TabState[], others: readonly string[]): Promise<ValueBlock[] | undefined> {
    const { client, schema, onHeaderRestored } = this.#deps;
    if (states.length === 0) return [];
    const blocks = await client.readRanges([...states.map((state) => keyRange(state, 1)), ...others], 'COLUMNS');
    const requests: SheetsRequest[] = [];
    for (const state of states) {
      const cells = blocks.find(({ title }) => title === state.title)?.values[0] ?? [];
      const known = this.#tabs.get(state.sheetId)?.header;
      const place = findHeader(state, cells, known === undefined ? [] : [known.texts.get(known.key) ?? '']);
      if (place.kind === 'in-place' && place.row === state.header.row) {
        fillIndexFromColumn(state, cells);
        continue;
      }
      const textOf = ({ id, header }: Column) => known?.texts.get(known.positions.get(id) ?? -1) || header;
      if (place.kind === 'in-place') requests.push(...tagHeaderRequests(schema, state.sheetId, place.row, true));
      else {
        requests.push(...headerRequests(schema, state, place, textOf));
        onHeaderRestored(state.title, place.kind);
      }
    }
    if (requests.length === 0) return blocks;
    await client.batchUpdate(requests);
    return undefined;
  }

  /** After rows or the header were moved. */
  async #loadAgain(rows: readonly SheetRow[], attempt: number): Promise<void> {
    if (attempt >= maxLoads) throw new GoogleError('unreachable', 'the sheet is being rearranged all the time');
    return this.load(rows, attempt + 1);
  }

  #reportDisappeared(before: readonly TabState[]): void {
    for (const { tab, index } of before) {
      const keys = [...index.keys()].filter((key) => this.locateKey(tab, key) === undefined);
      if (keys.length > 0) this.#deps.onDisappeared(tab, keys);
    }
  }

  /** Tabs that had to be made although they were there at the last look. */
  #collectMissing(created: readonly TabState[]): void {
    for (const before of this.#tabs.values()) {
      if (before.index.size > 0 && created.some((state) => isSameTab(state, before)))
        this.missing.push({ tab: before.tab, keys: [...before.index.keys()] });
    }
  }

  #requiredTabs(rows: readonly SheetRow[]): TabName[] {
    const { schema, rotation, now } = this.#deps;
    const period = periodOf(localDate(now() / 1000, this.timeZone), rotation);
    const names = [
      ...Object.keys(schema.tabs).map((tab) => ({ tab, period })),
      ...rows.map((row) => this.#tabNameFor(row)),
    ];
    return [...new Map(names.map((name) => [sheetIdOf(schema.tabs, name), name])).values()];
  }

  #tabNameFor({ tab, cells }: SheetRow): TabName {
    const { schema, rotation, now } = this.#deps;
    if (rotation === 'never') return { tab, period: '' };
    const created = cells[schema.periodColumnId];
    const at = typeof created === 'number' && created > 0 ? created : now() / 1000;
    return { tab, period: periodOf(localDate(at, this.timeZone), rotation) };
  }

  #findTargetTab(row: SheetRow): TabState | undefined {
    const name = this.#tabNameFor(row);
    return this.#tabs.get(sheetIdOf(this.#deps.schema.tabs, name)) ?? this.tabs.find((state) => isSameTab(state, name));
  }

  #maxDecimals(rows: readonly SheetRow[]): number {
    return maxDecimals(this.#deps.schema, rows);
  }
}

/** Whether Google rejects a request because a tab or its grid is not any more what it was. */
export function isStaleIndexError(error: unknown): boolean {
  return error instanceof GoogleError && (error.kind === 'range' || error.kind === 'grid');
}

/** A row that was read with COLUMNS, as one that was read with ROWS. */
function toRowBlock(title: string, row: number, block: ValueBlock | undefined): ValueBlock {
  return { title, row, column: block?.column ?? 0, values: [(block?.values ?? []).map(([cell]) => cell ?? '')] };
}
