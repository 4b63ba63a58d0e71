import { maxActivityLength } from './keys.ts';

/** `now()`: the time of Redis, ms. */
export const clockLua = `
local function now()
  local t = redis.call('TIME')
  return t[1] .. string.format('%03d', math.floor(tonumber(t[2]) / 1000))
end
`;

/**
 * What scripts share that change the state of messages. A text may hold NULs, which JSON never does: they stand for the
 * server's time in milliseconds, and `stamp` fills it in.
 */
export const preludeLua = `${clockLua}
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
local function count(key, name)
  redis.pcall('HINCRBY', key, name, 1)
end
-- Reads ARGV from the left.
local cursor = 0
local function arg()
  cursor = cursor + 1
  return ARGV[cursor]
end
-- Reads a count of activity entries, then each as a count of fields and the fields; adds them if they are wanted.
local function add_activity(key, wanted)
  for _ = 1, tonumber(arg()) do
    local fields = {}
    for i = 1, tonumber(arg()) do fields[i] = arg() end
    if wanted then redis.pcall('XADD', key, 'MAXLEN', '~', ${maxActivityLength}, '*', unpack(fields)) end
  end
end
`;
