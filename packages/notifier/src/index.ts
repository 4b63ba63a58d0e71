export { DeduplicatingOutbox, type Outbox } from './outbox/outbox.ts';
export { createNotifier } from './create-notifier.ts';
export type { Notifier, NotifierOptions, SharedOutbox } from './notifier.ts';
export type { CommandBackend } from './commands/command-backend.ts';
export { formatClock, formatTime } from './time/format-time.ts';
export { toTelegramConfig, type TelegramConfig } from './config/config.ts';
export type { NotifierStatus } from './dispatch/notifier-stats.ts';
export { orderUrl } from './format/links.ts';
export { deferMs } from './outbox/deferral.ts';
