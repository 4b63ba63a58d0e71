/** The activity stream holds about this many entries. */
export const maxActivityLength = 100_000;

/** Key names of one queue: the pushes' own, or the outbox. All live until settled by the queue itself unless a lifetime is given. */
export interface QueueKeys {
  /** list: waiting messages; LPUSH in, right end out. */
  main: string;
  /** list: taken by this consumer, not yet settled. */
  processing: (consumer: string) => string;
  /** Every processing list, as a pattern for SCAN. */
  processingPattern: string;
  /** zset: messages that wait for their next attempt; score = due time, ms, by the server's clock and its offset. */
  retry: string;
  /** string: by how much the server's clock was set back in all, ms: with it, due times are never moved by a clock that steps. */
  clockOffset: string;
  /** list: given up; newest at the left. */
  deadLetter: string;
  /** hash: id → the record of a dead letter; what the list holds, addressable. */
  deadLetterRecords: string;
  /** zset: ids of the dead letters by time. */
  deadLetterOrder: string;
  /** set: digests of records that were replayed or discarded and still stand in the list. */
  deadLetterRemoved: string;
  /** string, one minute: one process at a time compacts the list. */
  deadLetterCompaction: string;
  /** set: digests of waiting messages that are to be dropped unseen, for they name an erased buyer. */
  erased: string;
  /** hash: counters since the queue exists. */
  stats: string;
  /** zset: consumer → its last heartbeat, ms. */
  consumers: string;
  /** set: every consumer whose processing list may hold something. */
  knownConsumers: string;
  /** list: suspects, which were in flight at a crash of their consumer; LPUSH in, right end out. */
  suspects: string;
  /** string, lives for the dedupe time: digest → id of the message that was accepted. */
  seen: (digest: string) => string;
  /** hash: consumer → its own report as JSON. */
  consumerStats: string;
}

/** Every key that the product uses, under one prefix. */
export interface Keys {
  prefix: string;
  /** The pushes. */
  webhooks: QueueKeys;
  /** The outbox: Telegram messages to be. */
  notifications: QueueKeys;
  /** stream, capped at about 100,000: what happened to each event. */
  activity: string;
  /** hash: event code → message_thread_id of its forum topic. */
  topics: (chat: string) => string;
  /** hash: one shop's tokens. */
  tokens: (shopId: string) => string;
  /** set: ids of the shops that have tokens. */
  shops: string;
  /** set: ids of shops that authorized the app or have events here, whether they have tokens or not. */
  knownShops: string;
  /** string, lives for the lock's time: the holder's secret. */
  lock: (name: string) => string;
  /** hash: lock name → its last fencing number; `<name> held` while it is held or was never given up. */
  fencingTokens: string;
  /** string, lives until the bucket is full again: when that is, ms. */
  tokenBucket: (name: string) => string;
  /** string, written once: tells that this Redis is the one that was used before. */
  instanceId: string;
  /** string, 10 s: written by the forwarder to see whether Redis takes writes again. */
  writeProbe: string;
  /** hash: the worker's active alerts, by key; what each says, as JSON. */
  alerts: string;
  /** hash: scheduled job → how its runs went, as JSON. */
  jobs: string;
  /** hash: `date shop` → what Shopee lists of that day and what the sheet has, as JSON; 90 days. */
  reconciliations: string;
  /** stream, capped at about 20,000, 90 days: the rows that were written last into a spreadsheet, with their versions. */
  writtenRows: (spreadsheetId: string) => string;
  /** hash: shop → what the last payout check found, as JSON. */
  money: string;
  /** hash: settings that were changed while running. */
  settings: string;
  /** zset: orders whose buyer asked to be forgotten → when, ms. */
  erasures: string;
  /** list, capped at 1,000: who changed which setting, newest first. */
  settingsLog: string;
}

/**
 * Names all keys under `prefix` (REDIS_KEY_PREFIX). A prefix in braces, such as `{shopee}`, puts them all into one slot
 * of a Redis Cluster, which the scripts need there.
 */
export function buildKeys(prefix: string): Keys {
  return {
    prefix,
    webhooks: buildQueueKeys(`${prefix}:webhooks`),
    notifications: buildQueueKeys(`${prefix}:notifications`),
    activity: `${prefix}:webhooks:activity`,
    topics: (chat) => `${prefix}:telegram:topics:${chat}`,
    tokens: (shopId) => `${prefix}:tokens:${shopId}`,
    shops: `${prefix}:shops`,
    knownShops: `${prefix}:shops:known`,
    lock: (name) => `${prefix}:locks:${name}`,
    fencingTokens: `${prefix}:fencing`,
    tokenBucket: (name) => `${prefix}:buckets:${name}`,
    instanceId: `${prefix}:generation`,
    writeProbe: `${prefix}:probe`,
    alerts: `${prefix}:alerts`,
    jobs: `${prefix}:jobs`,
    reconciliations: `${prefix}:reconciliations`,
    writtenRows: (spreadsheetId) => `${prefix}:written:${spreadsheetId}`,
    money: `${prefix}:money`,
    settings: `${prefix}:settings`,
    erasures: `${prefix}:erasures`,
    settingsLog: `${prefix}:settings:log`,
  };
}

function buildQueueKeys(base: string): QueueKeys {
  return {
    main: `${base}:main`,
    processing: (consumer) => `${base}:processing:${consumer}`,
    processingPattern: `${escapeGlob(base)}:processing:*`,
    retry: `${base}:retry`,
    clockOffset: `${base}:clock_offset`,
    deadLetter: `${base}:dead_letter`,
    deadLetterRecords: `${base}:dead_letter:records`,
    deadLetterOrder: `${base}:dead_letter:order`,
    deadLetterRemoved: `${base}:dead_letter:removed`,
    deadLetterCompaction: `${base}:dead_letter:compaction`,
    erased: `${base}:erased`,
    stats: `${base}:stats`,
    consumers: `${base}:consumers`,
    knownConsumers: `${base}:consumers:known`,
    suspects: `${base}:suspects`,
    seen: (digest) => `${base}:seen:${digest}`,
    consumerStats: `${base}:consumer_stats`,
  };
}

/** What the scripts that add a dead letter write: the list and its index. */
export function deadLetterKeys({ deadLetter, deadLetterRecords, deadLetterOrder }: QueueKeys): string[] {
  return [deadLetter, deadLetterRecords, deadLetterOrder];
}

/** A text as a glob pattern that matches it and nothing else. */
export function escapeGlob(text: string): string {
  return text.replaceAll(/[\\*?[\]]/g, String.raw`\$&`);
}
