import { maxActivityLength } from '../activity/activity-log.ts';
import { defineScript } from '../redis/script.ts';

/*
 * Each change of a message's state is one of these scripts: all of it happens or nothing. Redis takes nothing back when a
 * script fails half-way, so each first puts a message where it goes and then takes it from where it was, and counters and
 * steps, which may fail on a key that somebody else broke, come last and are allowed to.
 *
 * No script decodes or encodes a message, for Lua's cjson would round ids beyond 2^53: new texts are made in TypeScript and
 * swapped for the exact old one. A text may hold NULs, which JSON never does: they stand for the time of Redis in
 * milliseconds, and `stamp` fills it in.
 */
const clockLua = `
local function now()
  local t = redis.call('TIME')
  return t[1] .. string.format('%03d', math.floor(tonumber(t[2]) / 1000))
end
`;

const preludeLua = `${clockLua}
local function stamp(text, ms)
  local at = string.find(text, '\\0', 1, true)
  if not at then return text end
  local out, from = {}, 1
  while at do
    out[#out + 1] = string.sub(text, from, at - 1)
    out[#out + 1] = ms
    from = at + 1
    at = string.find(text, '\\0', from, true)
  end
  out[#out + 1] = string.sub(text, from)
  return table.concat(out)
end
-- Deliveries of a message that never came to an end. Looked for in the whole text, without reading it: a payload that happens
-- to hold the same is handed out with more care than it needs, and nothing else.
local function delivery_count(text)
  return tonumber(string.match(text, '"delivery_count":%s*(%d+)') or '0')
end
local function suspects(list)
  local count = 0
  for _, text in ipairs(redis.call('LRANGE', list, 0, -1)) do
    if delivery_count(text) >= 2 then count = count + 1 end
  end
  return count
end
-- Other suspects may be handed out once these are out of the consumer's hand.
local function clear_suspect(key, consumer, raw, list)
  if delivery_count(raw) < 2 or redis.call('GET', key) ~= consumer then return end
  if suspects(list) == 0 then redis.call('DEL', key) end
end
local function later(ms, delay)
  return string.format('%.0f', tonumber(ms) + tonumber(delay))
end
local function count(key, name)
  redis.pcall('HINCRBY', key, name, 1)
end
local function add_step(key, ...)
  redis.pcall('XADD', key, 'MAXLEN', '~', ${maxActivityLength}, '*', ...)
end
-- Reads ARGV from the left.
local cursor = 0
local function arg()
  cursor = cursor + 1
  return ARGV[cursor]
end
-- Reads a count of steps, then each as a count of fields and the fields; adds them if they are wanted.
local function steps(key, wanted)
  for _ = 1, tonumber(arg()) do
    local fields = {}
    for i = 1, tonumber(arg()) do fields[i] = arg() end
    if wanted then add_step(key, unpack(fields)) end
  end
end
`;

/**
 * Enqueues messages, each unless its digest was seen: all that are not repeats, or none. Every push runs it, so it is kept short.
 * KEYS 1 main, 2 stats, 3 activity, then one for each message: its seen key, or stats for one without a digest
 * ARGV for each message: its text up to the time; what follows the time ('': the text has its time); its id; seconds to remember
 * the digest ('' without one); the number of fields and values of its step (0: no step); these
 * Reply for each message 1 (enqueued) or 0 (a repeat), and its id or that of the message that was accepted before
 */
export const enqueueScript = defineScript(`${clockLua}
local ms = now()
local reply, texts, fresh, steps = {}, {}, {}, {}
local at, last = 1, #KEYS
for i = 4, last do
  local head, tail, id, ttl, fields = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], tonumber(ARGV[at + 4])
  local known = ttl ~= '' and redis.pcall('SET', KEYS[i], id, 'EX', ttl, 'NX', 'GET')
  -- A key that somebody else broke: rather a repeat than a loss.
  if type(known) == 'table' then known = false end
  if not known then
    texts[#texts + 1] = tail == '' and head or head .. ms .. tail
    if ttl ~= '' then fresh[#fresh + 1] = KEYS[i] end
  end
  reply[#reply + 1] = known and 0 or 1
  reply[#reply + 1] = known or id
  if fields > 0 then steps[#steps + 1] = { known or id, known and 'duplicate' or 'queued', at + 5, at + 4 + fields } end
  at = at + 5 + fields
end
if #texts > 0 then
  local pushed = redis.pcall('LPUSH', KEYS[1], unpack(texts))
  if type(pushed) == 'table' then
    -- What was not queued must not count as seen.
    if #fresh > 0 then redis.call('DEL', unpack(fresh)) end
    return pushed
  end
  redis.pcall('HINCRBY', KEYS[2], 'total_enqueued', #texts)
end
redis.pcall('HINCRBY', KEYS[2], 'total_received', last - 3)
if #texts < last - 3 then redis.pcall('HINCRBY', KEYS[2], 'total_duplicates', last - 3 - #texts) end
for _, step in ipairs(steps) do
  redis.pcall('XADD', KEYS[3], 'MAXLEN', '~', ${maxActivityLength}, '*', 'id', step[1], 'step', step[2], unpack(ARGV, step[3], step[4]))
end
return reply
`);

/**
 * Fills a batch up after BLMOVE moved its first message. Messages that were in hand at one crash come only while the
 * consumer holds few. Those that were in hand at two (suspects) come a handful at a time, those at three or more alone: to a
 * consumer that holds nothing, and only while no other suspect is in any hand, so that the next crash shows which of them it
 * is; until then they wait with the retries.
 * KEYS 1 main, 2 the consumer's processing list, 3 suspect, 4 consumers, 5 retry
 * ARGV 1 consumer, 2 first message, or '' to move it here, 3 batch size, 4 how many is few, 5 how many is a handful, 6 what the
 * names of all processing lists begin with
 * Reply {'ok' or 'wait', length of the processing list, the messages…}; wait: the first one was put back until the consumer
 * holds less. Without messages and 'ok' there was none, or it was taken away meanwhile.
 */
export const fillBatchScript = defineScript(
  `${preludeLua}
local main, processing = KEYS[1], KEYS[2]
local consumer, first, max = ARGV[1], ARGV[2], tonumber(ARGV[3])
local few, handful = tonumber(ARGV[4]), tonumber(ARGV[5])
local ms = now()
redis.call('ZADD', KEYS[4], ms, consumer)
if first == '' then first = redis.call('LMOVE', main, processing, 'RIGHT', 'LEFT') end
if not first or not redis.call('LPOS', processing, first) then return { 'ok', redis.call('LLEN', processing) } end
local held = redis.call('LLEN', processing) - 1
local function busy()
  local holder = redis.call('GET', KEYS[3])
  if not holder then return false end
  return holder == consumer and held > 0 or holder ~= consumer and redis.call('LLEN', ARGV[6] .. holder) > 0
end
local worst = delivery_count(first)
if worst >= 2 and busy() then
  redis.call('ZADD', KEYS[5], later(ms, 1000), first)
  redis.call('LREM', processing, 1, first)
  return { 'ok', held }
end
if worst >= 2 and held > 0 or worst == 1 and held >= few then
  redis.call('RPUSH', main, first)
  redis.call('LREM', processing, 1, first)
  return { 'wait', held }
end
if worst >= 2 then redis.call('SET', KEYS[3], consumer) end
local function fits(next, size)
  if worst > 2 or next > 2 then return false end
  if worst == 2 or next == 2 then return next == worst and size < handful end
  worst = math.max(worst, next)
  return worst == 0 or held + size < few
end
local batch = { first }
while #batch < max do
  local ahead = redis.call('LINDEX', main, -1)
  if not ahead or not fits(delivery_count(ahead), #batch) then break end
  batch[#batch + 1] = redis.call('LMOVE', main, processing, 'RIGHT', 'LEFT')
end
return { 'ok', redis.call('LLEN', processing), unpack(batch) }
`,
  { allowOutOfMemory: true },
);

/**
 * Settles a batch. A message that is no longer in the consumer's own processing list belongs to another by now: nothing
 * happens to it.
 * KEYS 1 processing list, 2 retry, 3 dead letters, 4 stats, 5 activity, 6 the outbox' main, 7 the outbox' stats, 8 suspect
 * ARGV 1 consumer, 2 count; for each: raw text; 'ack' | 'retry' | 'dead-letter'; new text ('' for ack); delay ms; '1' if it counts as
 * a failure; notification's text or ''; steps
 * Reply one 1 (settled) or 0 (gone) for each
 */
export const settleScript = defineScript(
  `${preludeLua}
local ms = now()
local counters = { ack = 'total_processed', retry = 'total_retried', ['dead-letter'] = 'total_dead_lettered' }
local settled = {}
local consumer = arg()
for i = 1, tonumber(arg()) do
  local raw, kind, text, delay, failure, notification = arg(), arg(), arg(), arg(), arg(), arg()
  -- From the tail, where the oldest are: a consumer that holds thousands settles those first.
  local mine = redis.call('LPOS', KEYS[1], raw, 'RANK', -1) and true or false
  if mine then
    if kind == 'retry' then redis.call('ZADD', KEYS[2], later(ms, delay), stamp(text, ms)) end
    if kind == 'dead-letter' then redis.call('LPUSH', KEYS[3], stamp(text, ms)) end
    if notification ~= '' then redis.call('LPUSH', KEYS[6], stamp(notification, ms)) end
    redis.call('LREM', KEYS[1], -1, raw)
    clear_suspect(KEYS[8], consumer, raw, KEYS[1])
    count(KEYS[4], counters[kind])
    if failure == '1' then count(KEYS[4], 'total_failed') end
    if notification ~= '' then
      count(KEYS[7], 'total_received')
      count(KEYS[7], 'total_enqueued')
    end
  end
  settled[i] = mine and 1 or 0
  steps(KEYS[5], mine)
end
return settled
`,
  { allowOutOfMemory: true },
);

/**
 * Takes messages from a processing list and puts each back at the head of the line, or gives it up. With a lease given,
 * nothing happens while the consumer's heartbeat is younger than that.
 * KEYS 1 processing list, 2 main, 3 dead letters, 4 stats, 5 activity, 6 consumers, 7 suspect
 * ARGV 1 consumer, 2 lease ms ('' = do not ask), 3 count; for each, newest first: raw; text to put back ('' = none);
 * record for the dead letters ('' = none). A message with both is given up only if it was alone in hand as the suspect;
 * steps for putting back; steps for giving up
 * Reply {returned, given up}
 */
export const reclaimScript = defineScript(
  `${preludeLua}
local ms = now()
local consumer, lease = arg(), arg()
if lease ~= '' then
  local beat = redis.call('ZSCORE', KEYS[6], consumer)
  -- A heartbeat from the future is from before the clock was set back.
  if beat and math.abs(tonumber(ms) - tonumber(beat)) < tonumber(lease) then return { 0, 0 } end
end
local alone = redis.call('GET', KEYS[7]) == consumer and suspects(KEYS[1]) == 1
local returned, buried = 0, 0
for i = 1, tonumber(arg()) do
  local raw, back, record = arg(), arg(), arg()
  local found = redis.call('LPOS', KEYS[1], raw) and true or false
  local bury = found and record ~= '' and (alone or back == '')
  if found then
    if bury then
      redis.call('LPUSH', KEYS[3], stamp(record, ms))
      buried = buried + 1
    else
      redis.call('RPUSH', KEYS[2], stamp(back, ms))
      returned = returned + 1
    end
    redis.call('LREM', KEYS[1], 1, raw)
    clear_suspect(KEYS[7], consumer, raw, KEYS[1])
  end
  if bury then
    count(KEYS[4], 'total_dead_lettered')
    count(KEYS[4], 'total_failed')
  end
  steps(KEYS[5], found and not bury)
  steps(KEYS[5], bury)
end
return { returned, buried }
`,
  { allowOutOfMemory: true },
);

/** Moves what is due to the end of the line. KEYS 1 retry, 2 main; ARGV 1 how many at most; reply {how many, the time of Redis, ms} */
export const promoteScript = defineScript(
  `${preludeLua}
local ms = now()
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ms, 'LIMIT', 0, ARGV[1])
for _, text in ipairs(due) do
  redis.call('LPUSH', KEYS[2], text)
  redis.call('ZREM', KEYS[1], text)
end
return { #due, ms }
`,
  { allowOutOfMemory: true },
);

/** Notes that consumers are alive. KEYS 1 consumers; ARGV the consumers; reply the time of Redis, ms */
export const heartbeatScript = defineScript(
  `${preludeLua}
local ms = now()
for _, consumer in ipairs(ARGV) do redis.call('ZADD', KEYS[1], ms, consumer) end
return ms
`,
  { allowOutOfMemory: true },
);

/**
 * Forgets a consumer that holds nothing and was silent for long.
 * KEYS 1 consumers, 2 its processing list, 3 reports; ARGV 1 consumer, 2 how long, ms; reply 1 when forgotten
 */
export const removeConsumerScript = defineScript(
  `${preludeLua}
local beat = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not beat or tonumber(beat) > tonumber(now()) - tonumber(ARGV[2]) then return 0 end
if redis.call('LLEN', KEYS[2]) > 0 then return 0 end
redis.call('HDEL', KEYS[3], ARGV[1])
return redis.call('ZREM', KEYS[1], ARGV[1])
`,
  { allowOutOfMemory: true },
);

/**
 * Swaps dead letters: back into the line, or away. Each by its exact text, so that two people cannot replay it twice.
 * Looked for from the old end, where whoever works through them takes them from.
 * KEYS 1 dead letters, 2 main, 3 stats, 4 activity
 * ARGV 1 count; for each: the record; the text to enqueue ('' = discard it); steps
 * Reply one 1 (done) or 0 (gone) for each
 */
export const replayOrDiscardScript = defineScript(
  `${preludeLua}
local ms = now()
local done = {}
for i = 1, tonumber(arg()) do
  local record, text = arg(), arg()
  if text ~= '' then redis.call('LPUSH', KEYS[2], stamp(text, ms)) end
  local found = redis.call('LREM', KEYS[1], -1, record) == 1
  if found then
    count(KEYS[3], text == '' and 'total_discarded' or 'total_replayed')
  elseif text ~= '' then
    -- It was gone: take back what was pushed a moment ago.
    redis.call('LPOP', KEYS[2])
  end
  done[i] = found and 1 or 0
  steps(KEYS[4], found)
end
return done
`,
  { allowOutOfMemory: true },
);

/**
 * Adds a dead letter from outside, once however often it is told. It was counted where it died.
 * KEYS 1 dead letters; ARGV 1 the record; reply 1 when it is new
 */
export const deadLetterScript = defineScript(`
if redis.call('LPOS', KEYS[1], ARGV[1]) then return 0 end
redis.call('LPUSH', KEYS[1], ARGV[1])
return 1
`);
