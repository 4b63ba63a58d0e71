import { activityLength } from './activity.ts';
import { defineScript } from './script.ts';

/*
 * Each change of a message's state is one of these scripts: all of it happens or nothing. No script decodes or encodes
 * a message, for Lua's cjson would round ids beyond 2^53: new texts are made in TypeScript and swapped for the exact
 * old one. A text may hold NULs, which JSON never does: they stand for the time, and `stamp` fills it in.
 */
const prelude = `
local function now()
  local t = redis.call('TIME')
  return t[1] .. string.format('%03d', math.floor(tonumber(t[2]) / 1000))
end
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
-- Reads ARGV from the left.
local cursor = 0
local function arg()
  cursor = cursor + 1
  return ARGV[cursor]
end
-- Reads a count of steps, then each as a count of fields and the fields; adds them to the stream if they are wanted.
local function steps(key, wanted)
  for _ = 1, tonumber(arg()) do
    local fields = {}
    for _ = 1, tonumber(arg()) do fields[#fields + 1] = arg() end
    if wanted then redis.call('XADD', key, 'MAXLEN', '~', ${activityLength}, '*', unpack(fields)) end
  end
end
`;

/**
 * Enqueues a message unless its digest was seen.
 * KEYS 1 main, 2 stats, 3 activity, 4 seen (only with dedupe)
 * ARGV 1 message text, 2 its id, 3 dedupe seconds or 0, then the activity step's fields and values (none: no step)
 * Reply {1, id} enqueued, {0, id of the message that was accepted before}
 */
export const enqueueScript = defineScript(`${prelude}
local step = 'queued'
local id = ARGV[2]
redis.call('HINCRBY', KEYS[2], 'total_received', 1)
if ARGV[3] ~= '0' and not redis.call('SET', KEYS[4], id, 'EX', ARGV[3], 'NX') then
  step = 'duplicate'
  id = redis.call('GET', KEYS[4])
  redis.call('HINCRBY', KEYS[2], 'total_duplicates', 1)
else
  redis.call('LPUSH', KEYS[1], stamp(ARGV[1], now()))
  redis.call('HINCRBY', KEYS[2], 'total_enqueued', 1)
end
if #ARGV > 3 then
  redis.call('XADD', KEYS[3], 'MAXLEN', '~', ${activityLength}, '*', 'id', id, 'step', step, unpack(ARGV, 4))
end
return { step == 'queued' and 1 or 0, id }
`);

/**
 * Fills a batch up after its first message was moved by BLMOVE. A message that was in hand at one crash comes in a small
 * batch; one that was in hand at two (a suspect) comes alone, and only while no other suspect is in any hand, so that the
 * next crash shows which of them it is.
 * KEYS 1 main, 2 the consumer's processing list, 3 suspect, 4 consumers
 * ARGV 1 consumer, 2 first message, 3 batch size, 4 batch size after a crash, 5 prefix of the processing lists
 * Reply {'busy'} the first message was put back, for another suspect is in hand; {'ok', length of the processing list,
 * the other messages…}
 */
export const fillScript = defineScript(`${prelude}
local consumer, first, max, few = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local function deliveries(text)
  return tonumber(string.match(text, '"deliveries":%s*(%d+)') or '0')
end
redis.call('ZADD', KEYS[4], now(), consumer)
local batch = {}
local worst = deliveries(first)
if worst >= 2 then
  local holder = redis.call('GET', KEYS[3])
  if holder and redis.call('LLEN', ARGV[5] .. holder) > (holder == consumer and 1 or 0) then
    if redis.call('LREM', KEYS[2], 1, first) == 1 then redis.call('RPUSH', KEYS[1], first) end
    return { 'busy' }
  end
  redis.call('SET', KEYS[3], consumer)
else
  while #batch < max - 1 do
    local ahead = redis.call('LINDEX', KEYS[1], -1)
    if not ahead then break end
    local count = deliveries(ahead)
    if count >= 2 then break end
    if count > worst then worst = count end
    if worst == 1 and #batch >= few - 1 then break end
    batch[#batch + 1] = redis.call('LMOVE', KEYS[1], KEYS[2], 'RIGHT', 'LEFT')
  end
end
return { 'ok', redis.call('LLEN', KEYS[2]), unpack(batch) }
`);

/**
 * Settles a batch. A message that is no longer in the consumer's own processing list belongs to another by now:
 * nothing happens to it.
 * KEYS 1 processing list, 2 retry, 3 dead letters, 4 stats, 5 activity, 6 the outbox' main, 7 the outbox' stats
 * ARGV 1 count; for each: raw text; 'ack' | 'retry' | 'dead-letter'; new text ('' for ack); delay ms; '1' if it counts as
 * a failure; notification's text or ''; steps
 * Reply one 1 (settled) or 0 (gone) for each
 */
export const settleScript = defineScript(`${prelude}
local ms = now()
local settled = {}
local function count(name) redis.call('HINCRBY', KEYS[4], name, 1) end
for i = 1, tonumber(arg()) do
  local raw, kind, text, delay, failure, notification = arg(), arg(), arg(), arg(), arg(), arg()
  local mine = redis.call('LREM', KEYS[1], 1, raw) == 1
  settled[i] = mine and 1 or 0
  if mine then
    if kind == 'ack' then
      count('total_processed')
    elseif kind == 'retry' then
      redis.call('ZADD', KEYS[2], string.format('%.0f', tonumber(ms) + tonumber(delay)), stamp(text, ms))
      count('total_retried')
    else
      redis.call('LPUSH', KEYS[3], stamp(text, ms))
      count('total_dead_lettered')
    end
    if failure == '1' then count('total_failed') end
    if notification ~= '' then
      redis.call('LPUSH', KEYS[6], stamp(notification, ms))
      redis.call('HINCRBY', KEYS[7], 'total_received', 1)
      redis.call('HINCRBY', KEYS[7], 'total_enqueued', 1)
    end
  end
  steps(KEYS[5], mine)
end
return settled
`);

/**
 * Takes messages from a processing list and puts each back at the head of the line, or gives it up. With a lease given,
 * nothing happens while the consumer's heartbeat is younger than that.
 * KEYS 1 processing list, 2 main, 3 dead letters, 4 stats, 5 activity, 6 consumers, 7 suspect
 * ARGV 1 consumer, 2 lease ms ('' = do not ask), 3 count; for each, newest first: raw; text to put back ('' = none);
 * record for the dead letters ('' = none). A message with both is given up only if it was alone in hand as the suspect;
 * steps for putting back; steps for giving up
 * Reply {returned, given up}, or {-1, score} when the consumer is alive
 */
export const returnScript = defineScript(`${prelude}
local ms = now()
local consumer, lease = arg(), arg()
if lease ~= '' then
  local score = redis.call('ZSCORE', KEYS[6], consumer)
  if score and tonumber(score) > tonumber(ms) - tonumber(lease) then return { -1, score } end
end
local alone = redis.call('GET', KEYS[7]) == consumer
local returned, buried = 0, 0
for i = 1, tonumber(arg()) do
  local raw, back, record = arg(), arg(), arg()
  local found = redis.call('LREM', KEYS[1], 1, raw) == 1
  local bury = found and record ~= '' and (alone or back == '')
  if bury then
    redis.call('LPUSH', KEYS[3], stamp(record, ms))
    redis.call('HINCRBY', KEYS[4], 'total_dead_lettered', 1)
    redis.call('HINCRBY', KEYS[4], 'total_failed', 1)
    buried = buried + 1
  elseif found then
    redis.call('RPUSH', KEYS[2], stamp(back, ms))
    returned = returned + 1
  end
  steps(KEYS[5], found and not bury)
  steps(KEYS[5], bury)
end
if redis.call('LLEN', KEYS[1]) == 0 and alone then redis.call('DEL', KEYS[7]) end
return { returned, buried }
`);

/**
 * Moves what is due to the end of the line.
 * KEYS 1 retry, 2 main; ARGV 1 how many at most; reply how many
 */
export const promoteScript = defineScript(`${prelude}
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now(), 'LIMIT', 0, ARGV[1])
for _, text in ipairs(due) do
  redis.call('LPUSH', KEYS[2], text)
  redis.call('ZREM', KEYS[1], text)
end
return #due
`);

/**
 * Notes that consumers are alive. KEYS 1 consumers; ARGV the consumers; reply the time of Redis, ms
 */
export const heartbeatScript = defineScript(`${prelude}
local ms = now()
for _, consumer in ipairs(ARGV) do redis.call('ZADD', KEYS[1], ms, consumer) end
return ms
`);

/**
 * Ends a consumer's lease: forgets it when it holds nothing, else leaves what it holds to the reaper at once.
 * KEYS 1 consumers, 2 its processing list; ARGV 1 consumer, 2 lease ms, or '' to end it whatever its age;
 * reply 1 when forgotten
 */
export const endLeaseScript = defineScript(`${prelude}
local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
if ARGV[2] ~= '' and score and tonumber(score) > tonumber(now()) - tonumber(ARGV[2]) then return 0 end
if redis.call('LLEN', KEYS[2]) == 0 then
  redis.call('ZREM', KEYS[1], ARGV[1])
  return 1
end
redis.call('ZADD', KEYS[1], 0, ARGV[1])
return 0
`);

/**
 * Swaps dead letters: back into the line, or away. Each by its exact text, so that two people cannot replay it twice.
 * KEYS 1 dead letters, 2 main, 3 stats, 4 activity
 * ARGV 1 count; for each: the record; the text to enqueue ('' = discard it); steps
 * Reply one 1 (done) or 0 (gone) for each
 */
export const swapDeadScript = defineScript(`${prelude}
local ms = now()
local done = {}
for i = 1, tonumber(arg()) do
  local record, text = arg(), arg()
  local found = redis.call('LREM', KEYS[1], 1, record) == 1
  done[i] = found and 1 or 0
  if found and text ~= '' then
    redis.call('LPUSH', KEYS[2], stamp(text, ms))
    redis.call('HINCRBY', KEYS[3], 'total_replayed', 1)
  elseif found then
    redis.call('HINCRBY', KEYS[3], 'total_discarded', 1)
  end
  steps(KEYS[4], found)
end
return done
`);

/**
 * Adds a dead letter from outside, once however often it is told.
 * KEYS 1 dead letters, 2 stats; ARGV 1 the record; reply 1 when it is new
 */
export const buryScript = defineScript(`
local known = redis.call('LREM', KEYS[1], 1, ARGV[1])
redis.call('LPUSH', KEYS[1], ARGV[1])
if known == 0 then
  redis.call('HINCRBY', KEYS[2], 'total_dead_lettered', 1)
  redis.call('HINCRBY', KEYS[2], 'total_failed', 1)
end
return 1 - known
`);
