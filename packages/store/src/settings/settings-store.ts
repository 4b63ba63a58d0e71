import { z } from 'zod';
import { RuntimeSettings } from './runtime-settings.ts';
import type { RedisConnection } from '../redis/connection.ts';
import type { Keys } from '../redis/keys.ts';
import { defineScript } from '../redis/script.ts';

/** One change of a setting. `from` and `to` are JSON values; undefined = the default. `at`: ms. */
export const SettingChange = z.object({
  name: z.string(),
  from: z.unknown().optional(),
  to: z.unknown().optional(),
  by: z.string(),
  at: z.number(),
});
export type SettingChange = z.infer<typeof SettingChange>;

/**
 * Changes a setting and notes it.
 * KEYS 1 settings, 2 log; ARGV 1 name, 2 JSON value ('' = back to the default), 3 who (JSON string), 4 name as JSON; reply 1
 */
const changeScript = defineScript(`
local t = redis.call('TIME')
local from = redis.call('HGET', KEYS[1], ARGV[1])
if ARGV[2] == '' then redis.call('HDEL', KEYS[1], ARGV[1]) else redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) end
local entry = '{"name":' .. ARGV[4] .. ',"by":' .. ARGV[3] .. ',"at":' .. t[1] .. '000'
if from then entry = entry .. ',"from":' .. from end
if ARGV[2] ~= '' then entry = entry .. ',"to":' .. ARGV[2] end
redis.call('LPUSH', KEYS[2], entry .. '}')
redis.call('LTRIM', KEYS[2], 0, 999)
return 1
`);

/** Settings that may be changed while everything runs; what is not set keeps the default of its user. */
export class SettingsStore {
  readonly #redis: RedisConnection;
  readonly #keys: Pick<Keys, 'settings' | 'settingsLog'>;

  constructor(parts: { redis: RedisConnection; keys: Pick<Keys, 'settings' | 'settingsLog'> }) {
    this.#redis = parts.redis;
    this.#keys = parts.keys;
  }

  /** All that are set, as JSON values; their user checks them. */
  async getAll(): Promise<Record<string, unknown>> {
    const stored = await this.#redis.hgetall(this.#keys.settings);
    return Object.fromEntries(Object.entries(stored).map(([name, text]) => [name, JSON.parse(text) as unknown]));
  }

  /** One, as a JSON value; undefined when it is not set. */
  async get(name: string): Promise<unknown> {
    const text = await this.#redis.hget(this.#keys.settings, name);
    return text === null ? undefined : JSON.parse(text);
  }

  /** Sets one; undefined puts the default back. The change is noted with `by`. */
  async set(name: string, value: unknown, by: string): Promise<void> {
    const text = value === undefined ? '' : JSON.stringify(value);
    const { settings, settingsLog } = this.#keys;
    await changeScript.run(
      this.#redis,
      [settings, settingsLog],
      [name, text, JSON.stringify(by), JSON.stringify(name)],
    );
  }

  /** The last changes, newest first. */
  async listChanges(count = 100): Promise<SettingChange[]> {
    const entries = await this.#redis.lrange(this.#keys.settingsLog, 0, count - 1);
    return entries.map((text) => SettingChange.parse(JSON.parse(text)));
  }

  /** Those that may be changed while everything runs, checked. */
  async getRuntimeSettings(): Promise<RuntimeSettings> {
    return RuntimeSettings.parse(await this.getAll());
  }
}
