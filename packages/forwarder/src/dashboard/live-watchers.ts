import type { ServerResponse } from 'node:http';
import type { Logger } from '@shopee-webhook/runtime';
import type { ActivityEntry, ActivityLog } from '@shopee-webhook/store';
import type { LiveFeed } from '../history/live-feed.ts';
import type { LiveMessage, Overview } from './api-types.ts';
import { liveStepOf } from './present.ts';

export interface LiveWatchersOptions {
  feed: LiveFeed;
  /** undefined: REDIS_ENABLED=false. */
  redis: { activity: ActivityLog; isUsable: () => boolean } | undefined;
  overview: () => Promise<Overview>;
  logger: Logger;
}

const mostWatchers = 50;
const flushMs = 200;
const stepsAtOnce = 500;
/** More than that was missed: asking for the pages again is cheaper. */
const mostMissed = 2_000;
const pulseMs = 2_000;
const idlePulseMs = 15_000;
const heartbeatMs = 15_000;
/** A browser that does not read (a sleeping phone) is let go; it comes back with its Last-Event-ID. */
const mostUnread = 1024 * 1024;

interface Watcher {
  response: ServerResponse;
  isAllowed: () => boolean;
  /** Undefined while it is brought up to date: what comes meanwhile waits. */
  waiting: ActivityEntry[];
  /** The last entry of the stream that it has: after a restart the history may come to what it was told already. */
  toldUpTo: string | undefined;
  ready: boolean;
}

/** The browsers that watch. What is sent to all of them is made once. */
export class LiveWatchers {
  readonly #options: LiveWatchersOptions;
  readonly #watchers = new Set<Watcher>();
  #unsubscribe: (() => void) | undefined;
  #timers: NodeJS.Timeout[] = [];
  #moved = false;
  #pulsedAt = 0;

  constructor(options: LiveWatchersOptions) {
    this.#options = options;
  }

  get isFull(): boolean {
    return this.#watchers.size >= mostWatchers;
  }

  /**
   * Keeps a response open and writes to it what happens, after what came since `lastEventId`. `isAllowed` is asked
   * with each heartbeat: a session that ended ends its stream.
   */
  add(response: ServerResponse, options: { lastEventId: string | undefined; isAllowed: () => boolean }): void {
    const watcher: Watcher = { response, isAllowed: options.isAllowed, waiting: [], toldUpTo: undefined, ready: false };
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    });
    // The browser comes back after that long.
    response.write('retry: 2000\n\n');
    response.on('close', () => this.#remove(watcher));
    this.#watchers.add(watcher);
    this.#begin();
    void this.#bringUpToDate(watcher, options.lastEventId);
  }

  /** Sends something to all that has no place in the stream. */
  tell(message: LiveMessage): void {
    const text = frame(message);
    for (const watcher of this.#watchers) this.#write(watcher, text);
  }

  /** Ends all streams. */
  close(): void {
    for (const { response } of this.#watchers) response.end();
    this.#watchers.clear();
    this.#end();
  }

  #begin(): void {
    if (this.#unsubscribe !== undefined) return;
    this.#unsubscribe = this.#options.feed.subscribe((entries) => this.#take(entries));
    const every = (ms: number, work: () => void) => setInterval(work, ms).unref();
    this.#timers = [
      every(flushMs, () => this.#flush()),
      every(pulseMs, () => void this.#pulse()),
      every(heartbeatMs, () => this.#beat()),
    ];
  }

  #end(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
  }

  #remove(watcher: Watcher): void {
    this.#watchers.delete(watcher);
    if (this.#watchers.size === 0) this.#end();
  }

  #take(entries: readonly ActivityEntry[]): void {
    this.#moved = true;
    for (const watcher of this.#watchers) {
      watcher.waiting.push(...entries.filter(({ entryId }) => isAfter(entryId, watcher.toldUpTo)));
      if (watcher.waiting.length <= mostMissed) continue;
      watcher.waiting = [];
      this.#write(watcher, frame({ kind: 'reset' }, entries.at(-1)?.entryId));
    }
  }

  async #bringUpToDate(watcher: Watcher, lastEventId: string | undefined): Promise<void> {
    const missed = lastEventId === undefined || lastEventId === '' ? [] : await this.#missedSince(lastEventId);
    if (missed === undefined) this.#write(watcher, frame({ kind: 'reset' }));
    else {
      const known = new Set(missed.map(({ entryId }) => entryId));
      watcher.toldUpTo = placeOf(missed) ?? lastEventId;
      const isNew = ({ entryId }: ActivityEntry) => !known.has(entryId) && isAfter(entryId, watcher.toldUpTo);
      watcher.waiting = [...missed, ...watcher.waiting.filter(isNew)];
    }
    watcher.ready = true;
    this.#moved = true;
    await this.#pulse();
  }

  /** undefined: too much, or not known any more. */
  async #missedSince(entryId: string): Promise<ActivityEntry[] | undefined> {
    const { feed, redis } = this.#options;
    const recent = feed.since(entryId);
    if (recent !== undefined) return recent.length > mostMissed ? undefined : recent;
    if (redis === undefined || !redis.isUsable() || !/^\d{1,15}-\d{1,10}$/.test(entryId)) return undefined;
    // A Redis that cannot tell means the same as one that does not know.
    const missed = await redis.activity.read({ after: entryId, count: mostMissed + 1 }).catch(() => undefined);
    return missed === undefined || missed.length > mostMissed ? undefined : missed;
  }

  #flush(): void {
    // Most watchers wait for the same steps: one text serves them all.
    const texts = new Map<string, string>();
    for (const watcher of this.#watchers) {
      if (!watcher.ready || watcher.waiting.length === 0) continue;
      const entries = watcher.waiting.splice(0, stepsAtOnce);
      const [first, last] = [entries[0]?.entryId ?? '', entries.at(-1)?.entryId ?? ''];
      const name = `${first} ${last}`;
      const text = texts.get(name) ?? frame({ kind: 'steps', steps: entries.map(liveStepOf) }, placeOf(entries));
      texts.set(name, text);
      this.#write(watcher, text);
    }
  }

  async #pulse(): Promise<void> {
    const now = Date.now();
    if (!this.#moved && now - this.#pulsedAt < idlePulseMs) return;
    this.#moved = false;
    this.#pulsedAt = now;
    try {
      this.tell({ kind: 'pulse', overview: await this.#options.overview() });
    } catch (err) {
      this.#options.logger.warn({ err }, 'overview not told');
    }
  }

  #beat(): void {
    for (const watcher of this.#watchers) {
      if (watcher.isAllowed()) this.#write(watcher, ': still there\n\n');
      else watcher.response.end();
    }
  }

  #write(watcher: Watcher, text: string): void {
    const { response } = watcher;
    if (response.writableEnded) return;
    if (response.writableLength > mostUnread) response.destroy();
    else response.write(text);
  }
}

/** The last step that a browser may name when it comes back; what came from this process' disk only has no such place. */
function placeOf(entries: readonly ActivityEntry[]): string | undefined {
  const inStream = entries.findLast(({ entryId }) => !entryId.startsWith('s'));
  return (inStream ?? entries.at(-1))?.entryId;
}

/** Whether an entry comes after a place in the stream; what has no place in it is always new. */
function isAfter(entryId: string, place: string | undefined): boolean {
  const [ms, count] = numbersOf(entryId);
  const [placeMs, placeCount] = numbersOf(place ?? '');
  if (ms === undefined || placeMs === undefined) return true;
  return ms > placeMs || (ms === placeMs && (count ?? 0) > (placeCount ?? 0));
}

function numbersOf(entryId: string): number[] {
  return /^\d+-\d+$/.test(entryId) ? entryId.split('-').map(Number) : [];
}

/** JSON has no line breaks in it, so one `data:` line holds it. */
function frame({ kind, ...data }: LiveMessage, id?: string): string {
  const place = id === undefined ? '' : `id: ${id}\n`;
  return `${place}event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`;
}
