import { defineScript } from '../redis/script.ts';

/*
 * The hash of alerts holds two kinds of fields: `<key>`, what the alert says, as JSON; and `<key>\n<process>`, when that
 * process last said that the condition is met, ms. An alert is active while one such process is.
 */
const prelude = `
local function now()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end
local function is_held(hash, key, stale)
  local prefix, at = key .. '\\n', now()
  local fields = redis.call('HGETALL', hash)
  for i = 1, #fields, 2 do
    if string.sub(fields[i], 1, #prefix) == prefix and at - tonumber(fields[i + 1]) < stale then return true end
  end
  return false
end
`;

/**
 * Says that a condition is met.
 * KEYS 1 alerts. ARGV 1 key, 2 process, 3 what the alert says, 4 `1`: in place of an alert that is resolved
 * Reply what the alert says: that of the process that raised it first
 */
export const raiseAlertScript = defineScript(`${prelude}
if ARGV[4] == '1' then redis.call('HDEL', KEYS[1], ARGV[1]) end
redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[3])
redis.call('HSET', KEYS[1], ARGV[1] .. '\\n' .. ARGV[2], string.format('%.0f', now()))
return redis.call('HGET', KEYS[1], ARGV[1])
`);

/**
 * Says that a condition is no longer met.
 * KEYS 1 alerts. ARGV 1 key, 2 process ('': none), 3 after how long a process that says nothing no longer counts, ms
 * Reply nil: there is no such alert; '': another process still has it; else what the alert says, which is then resolved
 */
export const resolveAlertScript = defineScript(
  `${prelude}
if ARGV[2] ~= '' then redis.call('HDEL', KEYS[1], ARGV[1] .. '\\n' .. ARGV[2]) end
local alert = redis.call('HGET', KEYS[1], ARGV[1])
if not alert then return false end
if is_held(KEYS[1], ARGV[1], tonumber(ARGV[3])) then return '' end
return alert
`,
  { allowOutOfMemory: true },
);

/**
 * Removes a resolved alert.
 * KEYS 1 alerts. ARGV 1 key, 2 what it says: another one stays
 */
export const removeAlertScript = defineScript(
  `
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
local prefix = ARGV[1] .. '\\n'
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
  if string.sub(field, 1, #prefix) == prefix then redis.call('HDEL', KEYS[1], field) end
end
return redis.call('HDEL', KEYS[1], ARGV[1])
`,
  { allowOutOfMemory: true },
);

/**
 * Renews what a process says, and lists all alerts.
 * KEYS 1 alerts. ARGV 1 process, 2 as in resolve, then the keys of the conditions that are met
 * Reply for each alert its key, what it says, 1 while some process has it, and 1 while this one has
 */
export const syncAlertsScript = defineScript(`${prelude}
for i = 3, #ARGV do
  if redis.call('HEXISTS', KEYS[1], ARGV[i]) == 1 then
    redis.call('HSET', KEYS[1], ARGV[i] .. '\\n' .. ARGV[1], string.format('%.0f', now()))
  end
end
local reply = {}
local fields = redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
  local key = fields[i]
  if not string.find(key, '\\n', 1, true) then
    reply[#reply + 1] = key
    reply[#reply + 1] = fields[i + 1]
    reply[#reply + 1] = is_held(KEYS[1], key, tonumber(ARGV[2])) and 1 or 0
    reply[#reply + 1] = redis.call('HEXISTS', KEYS[1], key .. '\\n' .. ARGV[1])
  end
end
return reply
`);
