import { preludeLua } from '../redis/lua-prelude.ts';
import { defineScript } from '../redis/script.ts';

/*
 * The dead letters stand in a list, newest at the left, for whoever reads them with redis-cli. A list finds an element only
 * by walking it, so an index beside it answers everything else in O(log n): a hash id → record and a sorted set of the ids by
 * time. What is replayed or discarded leaves the index at once, and the list at once where it stands near an end; otherwise
 * the digest of its record waits in the set of removed ones until the list is compacted, a few elements at a time.
 */

/** How far from each end of the list an element is looked for: a constant, however long the list is. */
const nearEnd = 64;

/** For scripts that give a message up. `keys`: list, records, order. */
export const deadLetterLua = `
-- The id under which a record stands in the index: its own, or with a digest where another record has that already.
local function dead_letter_id(records, id, record)
  local other = id .. '#' .. string.sub(redis.sha1hex(record), 1, 8)
  if redis.call('HEXISTS', records, other) == 1 then return other end
  local known = redis.call('HGET', records, id)
  return known and known ~= record and other or id
end
-- Unique and rising: 4,096 to a millisecond, whatever the clock does.
local function dead_letter_score(order, ms)
  local last = redis.call('ZRANGE', order, 0, 0, 'REV', 'WITHSCORES')
  local score = tonumber(ms) * 4096
  if last[2] and tonumber(last[2]) >= score then score = tonumber(last[2]) + 1 end
  return string.format('%.0f', score)
end
local function index_dead_letter(keys, id, record, ms)
  local field = dead_letter_id(keys[2], id, record)
  redis.call('HSET', keys[2], field, record)
  redis.call('ZADD', keys[3], 'NX', dead_letter_score(keys[3], ms), field)
end
-- The list first: what is not indexed is found again there.
local function add_dead_letter(keys, id, record, ms)
  redis.call('LPUSH', keys[1], record)
  pcall(index_dead_letter, keys, id, record, ms)
end
`;

/** Takes a record out of the list, or notes that it has to go. */
const removeLua = `
local function remove_from_list(list, removed, record)
  if redis.call('LPOS', list, record, 'RANK', -1, 'MAXLEN', ${nearEnd}) then
    redis.call('LREM', list, -1, record)
  elseif redis.call('LPOS', list, record, 'MAXLEN', ${nearEnd}) then
    redis.call('LREM', list, 1, record)
  else
    redis.call('SADD', removed, redis.sha1hex(record))
  end
end
`;

/**
 * Adds a dead letter from outside, once however often it is reported. It was counted where it was given up.
 * KEYS 1 dead letters, 2 records, 3 order; ARGV 1 id, 2 the record, 3 when it was given up, ms; reply 1 when it is new
 */
export const deadLetterScript = defineScript(`${deadLetterLua}
local field = dead_letter_id(KEYS[2], ARGV[1], ARGV[2])
if redis.call('HEXISTS', KEYS[2], field) == 1 then return 0 end
add_dead_letter(KEYS, ARGV[1], ARGV[2], ARGV[3])
return 1
`);

/**
 * Takes dead letters out: back into the queue, or away. Each only if its record is still the same, so that two people cannot
 * replay it twice.
 * KEYS 1 dead letters, 2 records, 3 order, 4 removed, 5 main, 6 stats, 7 activity
 * ARGV 1 count; for each: id in the index; the record; the text to enqueue ('' = discard it); activity
 * Reply one 1 (done) or 0 (gone) for each
 */
export const replayOrDiscardScript = defineScript(
  `${preludeLua}${removeLua}
local ms = now()
local done = {}
for i = 1, tonumber(arg()) do
  local id, record, text = arg(), arg(), arg()
  local found = redis.call('HGET', KEYS[2], id) == record
  if found then
    if text ~= '' then redis.call('LPUSH', KEYS[5], stamp(text, ms)) end
    redis.call('HDEL', KEYS[2], id)
    redis.call('ZREM', KEYS[3], id)
    remove_from_list(KEYS[1], KEYS[4], record)
    count(KEYS[6], text == '' and 'total_discarded' or 'total_replayed')
  end
  done[i] = found and 1 or 0
  add_activity(KEYS[7], found)
end
return done
`,
  { allowOutOfMemory: true },
);

/**
 * Moves the oldest elements of the list to its other end, one by one, as long as they are the expected ones: removed ones go
 * on the way, and unknown ones (from another program) get into the index. A whole turn leaves the order as it was.
 * KEYS 1 dead letters, 2 records, 3 order, 4 removed; ARGV for each, the oldest first: the record; its id; when, ms
 * Reply how many were passed
 */
export const rotateScript = defineScript(
  `${deadLetterLua}
local passed = 0
for i = 1, #ARGV, 3 do
  local record, id, ms = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if redis.call('LINDEX', KEYS[1], -1) ~= record then break end
  if redis.call('SREM', KEYS[4], redis.sha1hex(record)) == 1 then
    redis.call('RPOP', KEYS[1])
  else
    index_dead_letter(KEYS, id, record, ms)
    redis.call('LMOVE', KEYS[1], KEYS[1], 'RIGHT', 'LEFT')
  end
  passed = passed + 1
end
return passed
`,
  { allowOutOfMemory: true },
);
