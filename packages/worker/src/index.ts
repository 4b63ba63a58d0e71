export { describeConfig, loadConfig, type WorkerConfig } from './config.ts';
export { createWorker, type Worker, type WorkerDependencies } from './worker.ts';
export type { RedisParts } from './redis-parts.ts';
export type { WorkerParts } from './worker-parts.ts';
export { columnsOf, itemsColumns, keyColumnId, ordersColumns, returnsColumns, versionColumnId } from './columns.ts';
export type { Cell, Column, ColumnKind, SheetRow, Tab } from './columns.ts';
export { quotaBurst, quotaIntervalMs } from './sheets/quota.ts';
