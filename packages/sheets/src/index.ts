export { columnName, quoteTitle, toA1 } from './client/a1.ts';
export {
  GoogleClient,
  type CellValue,
  type GoogleClientOptions,
  type SheetsRequest,
  type Spreadsheet,
  type SpreadsheetClient,
  type ValueBlock,
} from './client/google-client.ts';
export { GoogleError, type GoogleErrorKind } from './client/google-errors.ts';
export { LocalQuota, quotaBurst, quotaIntervalMs, SharedQuota, type Quota, type QuotaKind } from './client/quota.ts';
export { toUnavailableError } from './writer/unavailable-error.ts';
export {
  countFormat,
  dateFormat,
  formatRequest,
  formulaRequest,
  moneyFormat,
  percentFormat,
  textRequest,
  textRow,
  widthRequest,
  type NumberFormat,
  type PlacedCell,
} from './format/cell-requests.ts';
export { localDate, serialDate, unixSeconds } from './format/serial-date.ts';
export type { DerivedTabs, DerivedTabsState } from './index/derived-tabs.ts';
export { derivedSheetId, type Rotation } from './index/tab-ids.ts';
export type { TabState } from './index/tab-state.ts';
export { SheetMonitor } from './reader/sheet-monitor.ts';
export { SheetReader, type FoundRow, type RowQuery, type RowReader, type SheetEntry } from './reader/sheet-reader.ts';
export {
  keyColumnId,
  versionColumnId,
  type Cell,
  type Column,
  type ColumnKind,
  type DetailRows,
  type SheetRow,
  type SheetSchema,
  type StatusColor,
  type TabSchema,
} from './schema/schema.ts';
export type { AlertSink, SheetAlert } from './writer/alert-sink.ts';
export { cellsToWrite, cellValue } from './rows/cell-values.ts';
export { sheetLocks } from './writer/sheet-locks.ts';
export { SheetUnavailableError, WriterStoppingError, type RowSink, type WriteResult } from './rows/sheet-row.ts';
export { SheetWriter, type MissingRows, type SheetWriterOptions } from './writer/sheet-writer.ts';
export { findOutdated, type WrittenVersion } from './rows/recent-versions.ts';
export { RedisWrittenLog, type WrittenLog } from './rows/written-log.ts';
export type { WriterTimings } from './rows/writer-timings.ts';
