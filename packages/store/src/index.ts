export { buildKeys, type Keys, type QueueKeys } from './redis/keys.ts';
export {
  blockingConnection,
  connectRedis,
  type Address,
  type ConnectionOptions,
  type RedisConnection,
  type RedisEndpoint,
  waitUntilReady,
} from './redis/connection.ts';
export { MalformedMessageError, NotReplicatedError, TokenFileError, UnsafeRedisError } from './redis/errors.ts';
export {
  buildMessage,
  newMessageId,
  parseMessage,
  type Message,
  type MessageMetadata,
  type MessageSource,
  PreviousDeadLetter,
} from './messages/message.ts';
export { moveQueue, type MovedKey } from './queue/move-queue.ts';
export { Queue, type SeenDigest, type QueueDeps, type TakeOptions } from './queue/queue.ts';
export {
  EnqueueBatcher,
  defaultDedupeSeconds,
  type EnqueueResult,
  type EnqueueOptions,
  type EnqueueRequest,
} from './queue/enqueue.ts';
export { type Delivery, type Outcome, type Settlement } from './queue/delivery.ts';
export { type DeadLetterInput } from './dead-letters/dead-letter.ts';
export { type ReclaimResult } from './queue/lease-reclaimer.ts';
export { maxDeliveryCount } from './queue/lua-args.ts';
export { createPromoter } from './queue/promoter.ts';
export { createReaper } from './queue/reaper.ts';
export { createHeartbeat } from './queue/heartbeat.ts';
export { type DeadLetter } from './dead-letters/dead-letter.ts';
export { type DeadLetterProgress } from './queue/queue-inspector.ts';
export {
  type DeadLetterSelection,
  type DeadLetterFilter,
  type DeadLetterGroup,
} from './dead-letters/dead-letter-store.ts';
export { QueueInspector, type QueueStats } from './queue/queue-inspector.ts';
export { ActivityLog, activityEntrySchema } from './activity/activity-log.ts';
export {
  parseActivity,
  type StoredActivityEntry,
  type ActivityEntry,
  type ActivityType,
} from './activity/activity-entry.ts';
export { Notification, type AlertNotification, type EventNotification } from './notifications/notification.ts';
export { TokenStore, type NewShopTokens } from './tokens/token-store.ts';
export { type ShopTokens } from './tokens/token-file.ts';
export { RedisTokenBucket, type TokenBucketDeps } from './redis/token-bucket.ts';
export { LocalLocks, RedisLocks, withLock, type Lease, type Locks } from './locks/locks.ts';
export { Replication } from './redis/replication.ts';
export {
  checkDurability,
  checkInstanceId,
  getRedisInfo,
  type InstanceStatus,
  type RedisInfo,
} from './redis/durability.ts';
export {
  listConsumers,
  removeConsumer,
  saveConsumerReports,
  type ConsumerReport,
  type ConsumerState,
} from './queue/consumer-registry.ts';
export { eraseReferences, ErasureRequests, type ErasureResult } from './erasure/erasure-requests.ts';
export { FileJobStore, RedisJobStore, type JobRecord, type JobRequest, type JobStore } from './jobs/job-store.ts';
export { ReconciliationStore, ReconciliationReport } from './jobs/reconciliation-store.ts';
export { SettingsStore, type SettingChange } from './settings/settings-store.ts';
export { RuntimeSettings, type RuntimeSettingName } from './settings/runtime-settings.ts';
export {
  AlertEngine,
  type ActiveAlert,
  type AlertCondition,
  type AlertContent,
  type AlertEngineDeps,
} from './alerts/alert-engine.ts';
export { AlertState, JsonAlertStateFile, type AlertStateFile } from './alerts/alert-state-file.ts';
