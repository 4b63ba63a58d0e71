// Loaded into each service before its own code (node --import). Changes lines of the source as it is loaded: to shorten a time
// that a run of minutes cannot wait for, or to break a safeguard on purpose, so that the run shows that it would notice.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

interface Patch {
  /** How the file's path ends. */
  file: string;
  from: string | RegExp;
  to: string;
}

const queue = '/store/src/queue/queue.ts';
const googleClient = '/client/google-client.ts';

const patches: Record<string, Patch[]> = {
  /** Google ends a request after 180 s; the fake applies late ones within 5 s. */
  'short-google-timeout': [
    { file: googleClient, from: 'serverTimeoutMs = 180_000', to: 'serverTimeoutMs = 6_000' },
    { file: googleClient, from: 'defaultTimeoutMs = 60_000', to: 'defaultTimeoutMs = 4_000' },
  ],
  /** The fake group takes 80 messages a minute, which is 20 in 15 s. */
  'short-telegram-minute': [
    { file: '/notifier/src/chat/limiter.ts', from: 'windowMs = 60_000', to: 'windowMs = 15_000' },
  ],
  /** What plain BRPOP does: a message that was taken is only in the memory of its consumer. */
  brpop: [
    {
      file: queue,
      from: /^ {4}return (this\.#deliver\(consumer, .*\));$/gm,
      to: '    const taken = await $1; await this.#redis.del(this.keys.processing(consumer)); return taken;',
    },
    {
      file: queue,
      from: /^ {4}const \w+ = \{ outbox:/m,
      to: '    for (const { delivery } of settlements) await this.#redis.lpush(processing(consumer), delivery.raw);\n$&',
    },
  ],
  /** Rows are written to where they were last, without checking what is there now. */
  'no-guard': [
    {
      file: '/rows/preflight.ts',
      from: '  const { header } = placed.tab;\n  const key',
      to: "  return placed.isNew ? { kind: 'free' } : { kind: 'ours', version: 0, status: undefined };\n$&",
    },
    { file: '/verification/write-verifier.ts', from: /this\.#expectation = (?!undefined)\w+;/, to: '' },
  ],
};

stepClock(process.env['CHAOS_CLOCK']);

const selected = (process.env['CHAOS_PATCHES'] ?? '').split(',').filter((name) => name !== '');

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const wanted = selected.flatMap((name) => patches[name] ?? []).filter(({ file }) => url.endsWith(file));
    if (wanted.length === 0) return loaded;
    let source = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source);
    for (const { file, from, to } of wanted) {
      const found = typeof from === 'string' ? source.includes(from) : from.test(source);
      if (!found) throw new Error(`nothing to patch in ${file}: "${String(from)}" not found`);
      source = source.replace(from, to);
    }
    return { ...loaded, source };
  },
});

/**
 * Sets the wall clock of this process, and of it alone, by as many ms as the file says, whenever it changes; the monotonic
 * clock goes on, as when a server's clock is corrected.
 */
function stepClock(file: string | undefined): void {
  if (file === undefined) return;
  const system = Date;
  let stepMs = 0;
  const read = () => {
    try {
      stepMs = Number(readFileSync(file, 'utf8'));
    } catch {
      // Only while the clock is wrong is there a file.
      stepMs = 0;
    }
  };
  read();
  setInterval(read, 50).unref();
  const now = () => system.now() + stepMs;
  globalThis.Date = new Proxy(system, {
    construct: (target, given, newTarget): Date =>
      Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget) as Date,
    get: (target, name): unknown => (name === 'now' ? now : Reflect.get(target, name)),
  });
}
