import { createHash } from 'node:crypto';
import type { RedisConnection } from './connection.ts';

export type ScriptArg = string | Buffer | number;

/** Errors may be long; the whole text is in the dead letter. */
const maxFieldLength = 500;

/** An entry for a stream as names and values, in turns; without what is undefined. */
export function toFieldArgs(entry: object): string[] {
  return Object.entries(entry).flatMap(([name, value]) =>
    value === undefined ? [] : [name, String(value).slice(0, maxFieldLength)],
  );
}

/** A Lua script, sent by its hash and loaded again wherever Redis does not know it (a restart, SCRIPT FLUSH, a failover). */
export interface Script {
  run(redis: RedisConnection, keys: string[], args: ScriptArg[]): Promise<unknown>;
  /** As `run`, with strings in the reply as the bytes they are. */
  runBuffer(redis: RedisConnection, keys: string[], args: ScriptArg[]): Promise<unknown>;
}

/**
 * Makes a script of its Lua text, which says its KEYS, ARGV and reply in a comment above it. The first line that is put
 * before it makes Redis check before the script begins whether it may write at all, so that it never stops half-way.
 * `whenFull`: it runs although memory is full, for it frees some or moves what is there. `readOnly`: it runs also where
 * Redis takes no writes at all, for it makes none.
 */
export function defineScript(lua: string, options: { allowOutOfMemory?: boolean; readOnly?: boolean } = {}): Script {
  const flags =
    options.readOnly === true ? ' flags=no-writes' : options.allowOutOfMemory === true ? ' flags=allow-oom' : '';
  const text = `#!lua${flags}\n${lua}`;
  const sha = createHash('sha1').update(text).digest('hex');
  type Call = (command: string, rest: ScriptArg[]) => Promise<unknown>;
  const send = async (call: Call, keys: string[], args: ScriptArg[]) => {
    const rest = [keys.length, ...keys, ...args];
    try {
      return await call('EVALSHA', [sha, ...rest]);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return call('EVAL', [text, ...rest]);
    }
  };
  return {
    run: (redis, keys, args) => send((command, rest) => redis.call(command, rest), keys, args),
    runBuffer: (redis, keys, args) => send((command, rest) => redis.callBuffer(command, rest), keys, args),
  };
}
