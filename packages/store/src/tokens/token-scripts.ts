import { defineScript } from '../redis/script.ts';

/**
 * Stores a shop's tokens.
 * KEYS 1 tokens, 2 shops
 * ARGV 1 shop, 2 data (JSON), 3 time, ms, 4 state,
 * 5 'new': a new pair, stored whatever is there; a time: only if what is there is from then (a change of what was read);
 * 'older': only over what is older, keeping the given time (brought up to date from the file),
 * 6 hash of the environment's refresh token it comes from, or '', 7 how many of these to keep
 * Reply the time that it got, at least 1 more than what was there; 0 when it was not stored
 */
export const storeTokensScript = defineScript(
  `
local at = tonumber(redis.call('HGET', KEYS[1], 'updatedAt') or '0')
local seeds = redis.call('HGET', KEYS[1], 'seeds') or ''
local time, mode, hash = tonumber(ARGV[3]), ARGV[5], ARGV[6]
if mode == 'older' and at >= time then return 0 end
if mode ~= 'new' and mode ~= 'older' and at ~= tonumber(mode) then return 0 end
if hash ~= '' then
  if string.find(seeds, hash, 1, true) then return 0 end
  seeds = hash .. ',' .. seeds
  -- Each is 64 letters and a comma.
  seeds = string.sub(seeds, 1, tonumber(ARGV[7]) * 65)
end
if mode ~= 'older' and time <= at then time = at + 1 end
local text = string.format('%.0f', time)
redis.call('HSET', KEYS[1], 'data', ARGV[2], 'updatedAt', text, 'state', ARGV[4], 'seeds', seeds)
redis.call('SADD', KEYS[2], ARGV[1])
return text
`,
  // A rotated pair is worth its few bytes.
  { allowOutOfMemory: true },
);
