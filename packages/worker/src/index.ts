export { describeConfig, loadConfig, type WorkerConfig } from './config.ts';
export { createWorker, type Worker, type WorkerDeps } from './worker.ts';
export type { RedisDeps } from './create-redis.ts';
export type { WorkerComponents } from './create-deps.ts';
export { columnsOf, itemsColumns, ordersColumns, returnsColumns } from './report/columns.ts';
export type { ReportRow, Tab } from './report/columns.ts';
export { reportSchema } from './report/schema.ts';
