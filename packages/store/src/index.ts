export { keysOf, type Keys, type QueueKeys } from './keys.ts';
export {
  blockingConnection,
  connectRedis,
  type Address,
  type ConnectionChoices,
  type RedisConnection,
  type RedisLocation,
  waitUntilReady,
} from './connection.ts';
export { NotAMessageError, NotReplicatedError, TokenFileError, UnsafeRedisError } from './errors.ts';
export {
  buildMessage,
  newMessageId,
  parseMessage,
  type Message,
  type MessageMetadata,
  type MessageSource,
  type PastDeath,
} from './message.ts';
export {
  Queue,
  defaultDedupeSeconds,
  type AcceptedDigest,
  type Enqueued,
  type EnqueueOptions,
  type EnqueueRequest,
  type QueueParts,
  type TakeOptions,
} from './queue.ts';
export { type Delivery, type Outcome, type Settlement } from './delivery.ts';
export { type BuriedMessage } from './dead-letter.ts';
export { type Returned } from './returns.ts';
export { crashLimit } from './script-args.ts';
export { type Chore, type ChoreOptions, createChore } from './chore.ts';
export { createPromoter } from './promoter.ts';
export { createReaper } from './reaper.ts';
export { createHeartbeat } from './heartbeat.ts';
export { type DeadLetter } from './dead-letter.ts';
export { type DeadLetterProgress } from './inspector.ts';
export { type DeadLetterChoice, type DeadLetterFilter, type DeadLetterGroup } from './dead-letter-box.ts';
export { Inspector, type QueueStats } from './inspector.ts';
export { ActivityLog, activityStep } from './activity.ts';
export { parseSteps, type ActivityEntry, type ActivityStep, type StepName } from './activity-step.ts';
export { Notification, type AlarmNotification, type EventNotification } from './notification.ts';
export { TokenStore, type NewShopTokens } from './token-store.ts';
export { type ShopTokens } from './token-file.ts';
export { RedisTokenBucket, type TokenBucketParts } from './token-bucket.ts';
export { LocalLocks, RedisLocks, withLock, type Lease, type Locks } from './lock.ts';
export { Replication } from './replication.ts';
export { checkDurability, generation, redisFacts, type Generation, type RedisFacts } from './durability.ts';
export {
  consumerReports,
  forgetConsumer,
  reportConsumers,
  type ConsumerReport,
  type ConsumerState,
} from './consumer-reports.ts';
export { eraseMentions, ForgottenOrders, type Erased } from './forgotten-orders.ts';
export { Settings, type SettingChange } from './settings.ts';
export { LiveSettings, type LiveSettingName } from './live-settings.ts';
