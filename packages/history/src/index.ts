export { HistoryClient } from './history/history-client.ts';
export type { MinuteRow, ReceivedPush, EventRow, StepRow, EventFilter, OrderFilter, OrderRow } from './model/rows.ts';
export { LiveFeed } from './feed/live-feed.ts';
export { PushRecorder } from './feed/push-recorder.ts';
export { HistoryTailer } from './feed/tailer.ts';
