export { describeConfig, loadConfig, type WorkerConfig } from './config.ts';
export { createWorker, type Worker, type WorkerDeps } from './worker.ts';
export type { RedisDeps } from './create-redis.ts';
export type { WorkerComponents } from './create-deps.ts';
export {
  columnsOf,
  itemsColumns,
  keyColumnId,
  ordersColumns,
  returnsColumns,
  versionColumnId,
} from './report/columns.ts';
export type { Cell, Column, ColumnKind, SheetRow, Tab } from './report/columns.ts';
export { quotaBurst, quotaIntervalMs } from './sheets/client/quota.ts';
export { readServiceAccount } from './sheets/client/credentials.ts';
export { GoogleClient } from './sheets/client/google-client.ts';
export { SheetWriter } from './sheets/writer/sheet-writer.ts';
