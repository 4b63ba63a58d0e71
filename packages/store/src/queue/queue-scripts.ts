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
-- Deliveries of a message that were never settled. Searched in the whole text, without parsing it: a payload that happens to
-- contain the same is delivered with more care than it needs, and nothing else.
local function delivery_count(text)
  return tonumber(string.match(text, '"delivery_count":%s*(%d+)') or '0')
end
local function count_suspects(list)
  local count = 0
  for _, text in ipairs(redis.call('LRANGE', list, 0, -1)) do
    if delivery_count(text) >= 2 then count = count + 1 end
  end
  return count
end
-- Other suspects may be delivered once this consumer has settled its own.
local function end_quarantine(key, consumer, raw, list)
  if delivery_count(raw) < 2 or redis.call('GET', key) ~= consumer then return end
  if count_suspects(list) == 0 then redis.call('DEL', key) end
end
-- A due time, which a clock that is set back or forward does not move.
local function due_time(clock_offset, ms, delay)
  return string.format('%.0f', tonumber(ms) + tonumber(redis.call('GET', clock_offset) or '0') + tonumber(delay))
end
`;

/**
 * Completes a batch after BLMOVE moved its first message. Messages that were in flight at one crash come only while the
 * consumer has few in flight. Those that were at two (suspects) come a few at a time, those at three or more alone: to a
 * consumer with nothing in flight, and only while no consumer has another suspect, so that the next crash shows which of them
 * is the cause; until then they wait in the retry set.
 * KEYS 1 main, 2 the consumer's processing list, 3 quarantine, 4 consumers, 5 retry, 6 erased, 7 stats, 8 clock offset
 * ARGV 1 consumer, 2 first message, or '' to move it here, 3 batch size, 4 batch size after a crash, 5 batch size after two
 * crashes, 6 what the names of all processing lists begin with
 * Reply {'ok' or 'wait', length of the processing list, the messages…}; wait: the first one was put back until the consumer
 * has less in flight. Without messages and 'ok' there was none, or another consumer has it by now.
 */
export const fillBatchScript = defineScript(
  `${queueLua}
local main, processing = KEYS[1], KEYS[2]
local consumer, first, max = ARGV[1], ARGV[2], tonumber(ARGV[3])
local after_crash, after_two = tonumber(ARGV[4]), tonumber(ARGV[5])
local ms = now()
redis.call('ZADD', KEYS[4], ms, consumer)
if first == '' then first = redis.call('LMOVE', main, processing, 'RIGHT', 'LEFT') end
if not first or not redis.call('LPOS', processing, first) then return { 'ok', redis.call('LLEN', processing) } end
local in_flight = redis.call('LLEN', processing) - 1
local function busy()
  local holder = redis.call('GET', KEYS[3])
  if not holder then return false end
  return holder == consumer and in_flight > 0 or holder ~= consumer and redis.call('LLEN', ARGV[6] .. holder) > 0
end
local worst = delivery_count(first)
if worst >= 2 and busy() then
  redis.call('ZADD', KEYS[5], due_time(KEYS[8], ms, 1000), first)
  redis.call('LREM', processing, 1, first)
  return { 'ok', in_flight }
end
if worst >= 2 and in_flight > 0 or worst == 1 and in_flight >= after_crash then
  redis.call('RPUSH', main, first)
  redis.call('LREM', processing, 1, first)
  return { 'wait', in_flight }
end
if worst >= 2 then redis.call('SET', KEYS[3], consumer) end
local function fits(next, size)
  if worst > 2 or next > 2 then return false end
  if worst == 2 or next == 2 then return next == worst and size < after_two end
  worst = math.max(worst, next)
  return worst == 0 or in_flight + size < after_crash
end
local batch = { first }
while #batch < max do
  local ahead = redis.call('LINDEX', main, -1)
  if not ahead or not fits(delivery_count(ahead), #batch) then break end
  batch[#batch + 1] = redis.call('LMOVE', main, processing, 'RIGHT', 'LEFT')
end
if redis.call('EXISTS', KEYS[6]) == 1 then
  local kept = {}
  for _, text in ipairs(batch) do
    if redis.call('SREM', KEYS[6], redis.sha1hex(text)) == 1 then
      redis.call('LREM', processing, 1, text)
      count(KEYS[7], 'total_discarded')
    else
      kept[#kept + 1] = text
    end
  end
  batch = kept
end
return { 'ok', redis.call('LLEN', processing), unpack(batch) }
`,
  { allowOutOfMemory: true },
);

/**
 * Settles a batch. A message that is no longer in the consumer's own processing list was reclaimed: nothing happens to it.
 * KEYS 1 processing list, 2 retry, 3 stats, 4 activity, 5 the outbox' main, 6 the outbox' stats, 7 quarantine, 8 dead letters,
 * 9 their records, 10 their order, 11 clock offset
 * ARGV 1 consumer, 2 count; for each: id; raw text; 'ack' | 'retry' | 'dead-letter'; new text ('' for ack); delay ms; '1' if it
 * counts as a failure; notification's text or ''; activity
 * Reply one 1 (settled) or 0 (gone) for each
 */
export const settleScript = defineScript(
  `${queueLua}${deadLetterLua}
local ms = now()
local counters = { ack = 'total_processed', retry = 'total_retried', ['dead-letter'] = 'total_dead_lettered' }
local settled = {}
local consumer = arg()
for i = 1, tonumber(arg()) do
  local id, raw, kind, text, delay, failure, notification = arg(), arg(), arg(), arg(), arg(), arg(), arg()
  -- From the tail, where the oldest are: those are settled first.
  local mine = redis.call('LPOS', KEYS[1], raw, 'RANK', -1) and true or false
  if mine then
    if kind == 'retry' then redis.call('ZADD', KEYS[2], due_time(KEYS[11], ms, delay), stamp(text, ms)) end
    if kind == 'dead-letter' then add_dead_letter({ KEYS[8], KEYS[9], KEYS[10] }, id, stamp(text, ms), ms) end
    if notification ~= '' then redis.call('LPUSH', KEYS[5], stamp(notification, ms)) end
    redis.call('LREM', KEYS[1], -1, raw)
    end_quarantine(KEYS[7], consumer, raw, KEYS[1])
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
 * Takes messages from a processing list and requeues each at the front, or dead-letters it. With a lease given, nothing
 * happens while the consumer's heartbeat is younger than that.
 * KEYS 1 processing list, 2 main, 3 stats, 4 activity, 5 consumers, 6 quarantine, 7 dead letters, 8 their records, 9 their order
 * ARGV 1 consumer, 2 lease ms ('' = do not check), 3 count; for each, newest first: id; raw; text to requeue ('' = none);
 * record for the dead letters ('' = none). A message with both is dead-lettered only if it was alone in flight as the
 * suspect; activity for requeueing; activity for dead-lettering
 * Reply {requeued, dead-lettered}
 */
export const reclaimScript = defineScript(
  `${queueLua}${deadLetterLua}
local ms = now()
local consumer, lease = arg(), arg()
if lease ~= '' then
  local beat = redis.call('ZSCORE', KEYS[5], consumer)
  -- A heartbeat from the future is from before the clock was set back.
  if beat and math.abs(tonumber(ms) - tonumber(beat)) < tonumber(lease) then return { 0, 0 } end
end
local alone = redis.call('GET', KEYS[6]) == consumer and count_suspects(KEYS[1]) == 1
local requeued, dead_lettered = 0, 0
for i = 1, tonumber(arg()) do
  local id, raw, back, record = arg(), arg(), arg(), arg()
  local found = redis.call('LPOS', KEYS[1], raw) and true or false
  local give_up = found and record ~= '' and (alone or back == '')
  if found then
    if give_up then
      add_dead_letter({ KEYS[7], KEYS[8], KEYS[9] }, id, stamp(record, ms), ms)
      dead_lettered = dead_lettered + 1
    else
      redis.call('RPUSH', KEYS[2], stamp(back, ms))
      requeued = requeued + 1
    end
    redis.call('LREM', KEYS[1], 1, raw)
    end_quarantine(KEYS[6], consumer, raw, KEYS[1])
  end
  if give_up then
    count(KEYS[3], 'total_dead_lettered')
    count(KEYS[3], 'total_failed')
  end
  add_activity(KEYS[4], found and not give_up)
  add_activity(KEYS[4], give_up)
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
