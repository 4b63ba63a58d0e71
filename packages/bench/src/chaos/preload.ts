// Loaded into each service before its own code (node --import). Changes lines of the source as it is loaded: to shorten a time
// that a run of minutes cannot wait for, or to break a safeguard on purpose, so that the run shows that it would notice.
import { registerHooks } from 'node:module';

interface Patch {
  file: string;
  from: string;
  to: string;
}

const queue = '/store/src/queue.ts';
const googleClient = '/worker/src/sheets/google-client.ts';

const patches: Record<string, Patch[]> = {
  /** Google ends a request after 180 s; the stand-in's late ones come within 5 s. */
  'short-google-timeout': [
    { file: googleClient, from: 'serverTimeoutMs = 180_000', to: 'serverTimeoutMs = 6_000' },
    { file: googleClient, from: 'defaultTimeoutMs = 60_000', to: 'defaultTimeoutMs = 4_000' },
  ],
  /** The stand-in's group takes 80 messages a minute, which is 20 in 15 s. */
  'short-telegram-minute': [
    { file: '/forwarder/src/telegram/chat/limiter.ts', from: 'windowMs = 60_000', to: 'windowMs = 15_000' },
  ],
  /** What plain BRPOP does: a message that was taken is nowhere but in the memory of its consumer. */
  brpop: [
    {
      file: queue,
      from: '    return this.#deliver(consumer, hand, batch);',
      to: '    const taken = await this.#deliver(consumer, hand, batch); await this.#redis.del(this.keys.processing(consumer)); return taken;',
    },
    {
      file: queue,
      from: '    const parts = { outbox:',
      to: '    for (const { delivery } of settlements) await this.#redis.lpush(processing(consumer), delivery.raw);\n    const parts = { outbox:',
    },
  ],
  /** Rows are written to where they stood last, without a look at what stands there now. */
  'no-guard': [
    {
      file: '/worker/src/sheets/guard.ts',
      from: '  const { header } = placed.tab;\n  const key',
      to: "  return placed.isNew ? { kind: 'free' } : { kind: 'ours', version: 0, status: undefined };\n  const { header } = placed.tab;\n  const key",
    },
    {
      file: '/worker/src/sheets/aftercare.ts',
      from: 'this.#checkpoint = checkpoint;',
      to: '',
    },
  ],
};

const chosen = (process.env['CHAOS_PATCHES'] ?? '').split(',').filter((name) => name !== '');

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const wanted = chosen.flatMap((name) => patches[name] ?? []).filter(({ file }) => url.endsWith(file));
    if (wanted.length === 0) return loaded;
    let source = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source);
    for (const { file, from, to } of wanted) {
      if (!source.includes(from)) throw new Error(`nothing to patch in ${file}: "${from}" is not there any more`);
      source = source.replace(from, () => to);
    }
    return { ...loaded, source };
  },
});
