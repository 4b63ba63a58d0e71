import { deadLetterLua } from '../dead-letters/dead-letter-scripts.ts';
import { preludeLua } from '../redis/lua-prelude.ts';
import { defineScript } from '../redis/script.ts';

/*
 * Each change of a message's state is one of these scripts, so that it is atomic. Redis rolls nothing back when a script
 * fails half-way, so each writes a message to its destination before it removes it from its source. Counters and activity
 * come last and may fail, for another program may have broken their keys.
 *
 * No script decodes or encodes a message, for Lua's cjson would round ids beyond 2^53: new texts are built in TypeScript and
 * exchanged for the exact old one.
 */
const queueLua = `${preludeLua}
-- Whether a message was in flight at a crash. Searched in the whole text, without parsing it: a payload that happens to contain
-- the same is delivered with more care than it needs, and nothing else.
local function is_suspect(text)
  return string.find(text, '"delivery_count":%s*[1-9]') ~= nil
end
-- A due time, which a clock that is set back or forward does not move.
local function due_time(clock_offset, ms, delay)
  return string.format('%.0f', tonumber(ms) + tonumber(redis.call('GET', clock_offset) or '0') + tonumber(delay))
end
`;

const dropErasedLua = `
-- The messages of a batch without those that name an erased buyer.
local function drop_erased(batch, processing, erased, stats)
  if redis.call('EXISTS', erased) == 0 then return batch end
  local kept = {}
  for _, text in ipairs(batch) do
    if redis.call('SREM', erased, redis.sha1hex(text)) == 1 then
      redis.call('LREM', processing, 1, text)
      count(stats, 'total_discarded')
    else
      kept[#kept + 1] = text
    end
  end
  return kept
end
`;

/**
 * Completes a batch after BLMOVE moved its first message. A suspect has its own list: one that another program left here, or
 * an earlier version, moves there.
 * KEYS 1 main, 2 the consumer's processing list, 3 suspects, 4 consumers, 5 erased, 6 stats
 * ARGV 1 consumer, 2 first message, or '' to move it here, 3 batch size
 * Reply {length of the processing list, the messages…}; none: there was none, or another consumer has it by now
 */
export const fillBatchScript = defineScript(
  `${queueLua}${dropErasedLua}
local main, processing = KEYS[1], KEYS[2]
local first, max = ARGV[2], tonumber(ARGV[3])
redis.call('ZADD', KEYS[4], now(), ARGV[1])
if first == '' then first = redis.call('LMOVE', main, processing, 'RIGHT', 'LEFT') end
if not first or not redis.call('LPOS', processing, first) then return { redis.call('LLEN', processing) } end
local batch, text = {}, first
for taken = 1, max do
  if is_suspect(text) then
    redis.call('LPUSH', KEYS[3], text)
    redis.call('LREM', processing, 1, text)
  else
    batch[#batch + 1] = text
  end
  text = taken < max and redis.call('LMOVE', main, processing, 'RIGHT', 'LEFT')
  if not text then break end
end
batch = drop_erased(batch, processing, KEYS[5], KEYS[6])
return { redis.call('LLEN', processing), unpack(batch) }
`,
  { allowOutOfMemory: true },
);

/**
 * Takes suspects that may be delivered together, oldest first, if the consumer has nothing in flight: of the messages that
 * were in flight at one crash a quarter, of 64 or fewer an eighth, so that the next crash tells which of these it was.
 * The last few never come with more: a killer goes behind all others at each crash.
 * KEYS 1 suspects, 2 the consumer's processing list, 3 consumers, 4 erased, 5 stats; ARGV 1 consumer, 2 batch size, 3 how many times as many may come together
 * Reply {length of the processing list, the messages…}
 */
export const takeSuspectsScript = defineScript(
  `${queueLua}${dropErasedLua}
local suspects, processing = KEYS[1], KEYS[2]
redis.call('ZADD', KEYS[3], now(), ARGV[1])
local max = redis.call('LLEN', processing) > 0 and 0 or tonumber(ARGV[2])
local factor = redis.call('LLEN', suspects) > 8 and tonumber(ARGV[3]) or 1
local batch = {}
while true do
  local text = redis.call('LINDEX', suspects, -1)
  if not text then break end
  local group = tonumber(string.match(text, '"group_size":%s*(%d+)') or '64')
  local part = group > 64 and math.ceil(group / 4) or math.max(1, math.floor(group / 8))
  max = math.min(max, part * factor)
  if #batch >= max then break end
  batch[#batch + 1] = redis.call('LMOVE', suspects, processing, 'RIGHT', 'LEFT')
end
batch = drop_erased(batch, processing, KEYS[4], KEYS[5])
return { redis.call('LLEN', processing), unpack(batch) }
`,
  { allowOutOfMemory: true },
);

/**
 * Settles a batch. A message that is no longer in the consumer's own processing list was reclaimed: nothing happens to it.
 * KEYS 1 processing list, 2 retry, 3 stats, 4 activity, 5 the outbox' main, 6 the outbox' stats, 7 dead letters, 8 their records,
 * 9 their order, 10 clock offset
 * ARGV 1 count; for each: id; raw text; 'ack' | 'retry' | 'dead-letter'; new text ('' for ack); delay ms; '1' if it
 * counts as a failure; notification's text or ''; activity
 * Reply one 1 (settled) or 0 (gone) for each
 */
export const settleScript = defineScript(
  `${queueLua}${deadLetterLua}
local ms = now()
local counters = { ack = 'total_processed', retry = 'total_retried', ['dead-letter'] = 'total_dead_lettered' }
local settled = {}
for i = 1, tonumber(arg()) do
  local id, raw, kind, text, delay, failure, notification = arg(), arg(), arg(), arg(), arg(), arg(), arg()
  -- From the tail, where the oldest are: those are settled first.
  local mine = redis.call('LPOS', KEYS[1], raw, 'RANK', -1) and true or false
  if mine then
    if kind == 'retry' then redis.call('ZADD', KEYS[2], due_time(KEYS[10], ms, delay), stamp(text, ms)) end
    if kind == 'dead-letter' then add_dead_letter({ KEYS[7], KEYS[8], KEYS[9] }, id, stamp(text, ms), ms) end
    if notification ~= '' then redis.call('LPUSH', KEYS[5], stamp(notification, ms)) end
    redis.call('LREM', KEYS[1], -1, raw)
    count(KEYS[3], counters[kind])
    if failure == '1' then count(KEYS[3], 'total_failed') end
    if notification ~= '' then
      count(KEYS[6], 'total_received')
      count(KEYS[6], 'total_enqueued')
    end
  end
  settled[i] = mine and 1 or 0
  add_activity(KEYS[4], mine)
end
return settled
`,
  { allowOutOfMemory: true },
);

/**
 * Takes messages from a processing list: each is given up, or goes to the front of the queue; a suspect goes behind all others.
 * With a lease given, nothing happens while the consumer's heartbeat is younger than that.
 * KEYS 1 processing list, 2 main, 3 suspects, 4 stats, 5 activity, 6 consumers, 7 dead letters, 8 their records, 9 their order
 * ARGV 1 consumer, 2 lease ms ('' = do not check), 3 count; for each, newest first, suspects oldest first: id; raw; text to
 * requeue, or the record for the dead letters; '1' for the dead letters; activity
 * Reply {requeued, dead-lettered}
 */
export const reclaimScript = defineScript(
  `${queueLua}${deadLetterLua}
local ms = now()
local consumer, lease = arg(), arg()
if lease ~= '' then
  local beat = redis.call('ZSCORE', KEYS[6], consumer)
  -- A heartbeat from the future is from before the clock was set back.
  if beat and math.abs(tonumber(ms) - tonumber(beat)) < tonumber(lease) then return { 0, 0 } end
end
local requeued, dead_lettered = 0, 0
for i = 1, tonumber(arg()) do
  local id, raw, text, give_up = arg(), arg(), arg(), arg() == '1'
  local found = redis.call('LPOS', KEYS[1], raw) and true or false
  if found then
    if give_up then
      add_dead_letter({ KEYS[7], KEYS[8], KEYS[9] }, id, stamp(text, ms), ms)
      dead_lettered = dead_lettered + 1
    else
      if is_suspect(text) then redis.call('LPUSH', KEYS[3], stamp(text, ms)) else redis.call('RPUSH', KEYS[2], stamp(text, ms)) end
      requeued = requeued + 1
    end
    redis.call('LREM', KEYS[1], 1, raw)
    if give_up then
      count(KEYS[4], 'total_dead_lettered')
      count(KEYS[4], 'total_failed')
    end
  end
  add_activity(KEYS[5], found)
end
return { requeued, dead_lettered }
`,
  { allowOutOfMemory: true },
);

/**
 * Moves due retries to the back of the queue.
 * KEYS 1 retry, 2 main, 3 clock offset; ARGV 1 how many at most; reply {how many, the server's time, ms, the clock offset, ms}
 */
export const promoteScript = defineScript(
  `${queueLua}
local ms = now()
local offset = redis.call('GET', KEYS[3]) or '0'
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', due_time(KEYS[3], ms, 0), 'LIMIT', 0, ARGV[1])
for _, text in ipairs(due) do
  redis.call('LPUSH', KEYS[2], text)
  redis.call('ZREM', KEYS[1], text)
end
return { #due, ms, offset }
`,
  { allowOutOfMemory: true },
);

/**
 * Corrects the clock offset, of several processes that notice the same step once.
 * KEYS 1 clock offset; ARGV 1 what it was, 2 what it becomes; reply 1 when it was that
 */
export const correctOffsetScript = defineScript(
  `if (redis.call('GET', KEYS[1]) or '0') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1`,
  { allowOutOfMemory: true },
);

/** Renews the leases of consumers. KEYS 1 consumers, 2 known consumers; ARGV the consumers; reply the time of Redis, ms */
export const heartbeatScript = defineScript(
  `${queueLua}
local ms = now()
for _, consumer in ipairs(ARGV) do
  redis.call('ZADD', KEYS[1], ms, consumer)
  redis.call('SADD', KEYS[2], consumer)
end
return ms
`,
  { allowOutOfMemory: true },
);

/**
 * Removes a consumer that has nothing in flight and sent no heartbeat for long.
 * KEYS 1 consumers, 2 its processing list, 3 consumer stats, 4 known consumers; ARGV 1 consumer, 2 how long, ms; reply 1 when removed
 */
export const removeConsumerScript = defineScript(
  `${queueLua}
local beat = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not beat or tonumber(beat) > tonumber(now()) - tonumber(ARGV[2]) then return 0 end
if redis.call('LLEN', KEYS[2]) > 0 then return 0 end
redis.call('HDEL', KEYS[3], ARGV[1])
redis.call('SREM', KEYS[4], ARGV[1])
return redis.call('ZREM', KEYS[1], ARGV[1])
`,
  { allowOutOfMemory: true },
);
