import type { ServerResponse } from 'node:http';
import { type Logger, systemClock } from '@shopee-webhook/runtime';
import type { StoredActivityEntry, ActivityLog } from '@shopee-webhook/store';
import type { LiveFeed } from '@shopee-webhook/history';
import type { LiveMessage, Overview } from '@shopee-webhook/contracts/dashboard-api';
import { toLiveStep } from '../events/event-serializer.ts';

export interface SseBroadcasterDeps {
  feed: LiveFeed;
  /** undefined: REDIS_ENABLED=false. */
  redis: { activity: ActivityLog; isAvailable: () => boolean } | undefined;
  overview: () => Promise<Overview>;
  /** Whether pushes wait for their response: they go first. */
  isBusy?: () => boolean;
  logger: Logger;
}

const maxClients = 50;
const flushMs = 200;
/** Flushes in a row that are left to pushes. */
const maxSkipped = 5;
const stepBatchSize = 500;
/** Beyond that, reloading the pages is cheaper. */
const maxMissed = 2_000;
const statsMs = 2_000;
const idleStatsMs = 5_000;
const keepAliveMs = 15_000;
/** A browser that does not read (a sleeping phone) is disconnected; it reconnects with its Last-Event-ID. */
const maxBufferedBytes = 1024 * 1024;

interface SseClient {
  response: ServerResponse;
  isAllowed: () => boolean;
  /** Entries to send; those that arrive during a replay wait. */
  pending: StoredActivityEntry[];
  /** The last stream entry that it has: after a restart the history may reach entries that were sent already. */
  lastSentId: string | undefined;
  ready: boolean;
}

/**
 * Server-sent events to every open dashboard. What all of them get is serialized once. Not better-sse: who comes back gets what
 * it missed from the event history, and what is new waits until then.
 */
export class SseBroadcaster {
  readonly #deps: SseBroadcasterDeps;
  readonly #clients = new Set<SseClient>();
  #unsubscribe: (() => void) | undefined;
  #timers: NodeJS.Timeout[] = [];
  #hasNews = false;
  #skipped = 0;
  #statsSentAt = -Infinity;

  constructor(deps: SseBroadcasterDeps) {
    this.#deps = deps;
  }

  get atCapacity(): boolean {
    return this.#clients.size >= maxClients;
  }

  /**
   * Keeps a response open and writes to it what happens, after what came since `lastEventId`. `isAllowed` is asked
   * with each heartbeat: a session that ended ends its stream.
   */
  add(response: ServerResponse, options: { lastEventId: string | undefined; isAllowed: () => boolean }): void {
    const client: SseClient = {
      response,
      isAllowed: options.isAllowed,
      pending: [],
      lastSentId: undefined,
      ready: false,
    };
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    });
    // The browser reconnects after that long.
    response.write('retry: 2000\n\n');
    response.on('close', () => this.#remove(client));
    this.#clients.add(client);
    this.#startTimers();
    void this.#replayMissed(client, options.lastEventId);
  }

  /** Sends a message that is not part of the stream to all clients. */
  broadcast(message: LiveMessage): void {
    const text = frame(message);
    for (const client of this.#clients) this.#write(client, text);
  }

  /** Ends all streams. */
  close(): void {
    for (const { response } of this.#clients) response.end();
    this.#clients.clear();
    this.#stopTimers();
  }

  #startTimers(): void {
    if (this.#unsubscribe !== undefined) return;
    this.#unsubscribe = this.#deps.feed.subscribe((entries) => this.#receive(entries));
    const every = (ms: number, work: () => void) => setInterval(work, ms).unref();
    this.#timers = [
      every(flushMs, () => this.#flush()),
      every(statsMs, () => void this.#broadcastStats()),
      every(keepAliveMs, () => this.#keepAlive()),
    ];
  }

  #stopTimers(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
  }

  #remove(client: SseClient): void {
    this.#clients.delete(client);
    if (this.#clients.size === 0) this.#stopTimers();
  }

  #receive(entries: readonly StoredActivityEntry[]): void {
    this.#hasNews = true;
    for (const client of this.#clients) {
      client.pending.push(...entries.filter(({ entryId }) => isAfter(entryId, client.lastSentId)));
      if (client.pending.length <= maxMissed) continue;
      client.pending = [];
      this.#write(client, frame({ kind: 'reset' }, entries.at(-1)?.entryId));
    }
  }

  async #replayMissed(client: SseClient, lastEventId: string | undefined): Promise<void> {
    const missed = lastEventId === undefined || lastEventId === '' ? [] : await this.#entriesSince(lastEventId);
    if (missed === undefined) this.#write(client, frame({ kind: 'reset' }));
    else {
      const known = new Set(missed.map(({ entryId }) => entryId));
      client.lastSentId = lastStreamId(missed) ?? lastEventId;
      const isNew = ({ entryId }: StoredActivityEntry) => !known.has(entryId) && isAfter(entryId, client.lastSentId);
      client.pending = [...missed, ...client.pending.filter(isNew)];
    }
    client.ready = true;
    this.#hasNews = true;
    await this.#broadcastStats();
  }

  /** undefined: too many, or no longer known. */
  async #entriesSince(entryId: string): Promise<StoredActivityEntry[] | undefined> {
    const { feed, redis } = this.#deps;
    const recent = feed.since(entryId);
    if (recent !== undefined) return recent.length > maxMissed ? undefined : recent;
    if (redis === undefined || !redis.isAvailable() || !/^\d{1,15}-\d{1,10}$/.test(entryId)) return undefined;
    // A Redis that fails means the same as one that does not know.
    const missed = await redis.activity.read({ after: entryId, count: maxMissed + 1 }).catch(() => undefined);
    return missed === undefined || missed.length > maxMissed ? undefined : missed;
  }

  #flush(): void {
    if (this.#deps.isBusy?.() === true && this.#skipped < maxSkipped) {
      this.#skipped += 1;
      return;
    }
    this.#skipped = 0;
    // Most clients wait for the same entries: one text serves them all.
    const texts = new Map<string, string>();
    for (const client of this.#clients) {
      if (!client.ready || client.pending.length === 0) continue;
      const entries = client.pending.splice(0, stepBatchSize);
      const [first, last] = [entries[0]?.entryId ?? '', entries.at(-1)?.entryId ?? ''];
      const name = `${first} ${last}`;
      const text = texts.get(name) ?? frame({ kind: 'steps', steps: entries.map(toLiveStep) }, lastStreamId(entries));
      texts.set(name, text);
      this.#write(client, text);
    }
  }

  async #broadcastStats(): Promise<void> {
    const now = systemClock.monotonicMs();
    if (!this.#hasNews && now - this.#statsSentAt < idleStatsMs) return;
    this.#hasNews = false;
    this.#statsSentAt = now;
    try {
      this.broadcast({ kind: 'pulse', overview: await this.#deps.overview() });
    } catch (err) {
      this.#deps.logger.warn({ err }, 'overview broadcast failed');
    }
  }

  #keepAlive(): void {
    for (const client of this.#clients) {
      if (client.isAllowed()) this.#write(client, ': still there\n\n');
      else client.response.end();
    }
  }

  #write(client: SseClient, text: string): void {
    const { response } = client;
    if (response.writableEnded) return;
    if (response.writableLength > maxBufferedBytes) response.destroy();
    else response.write(text);
  }
}

/** The last entry id that a browser may name when it reconnects; entries of this process' disk have none. */
function lastStreamId(entries: readonly StoredActivityEntry[]): string | undefined {
  const inStream = entries.findLast(({ entryId }) => !entryId.startsWith('s'));
  return (inStream ?? entries.at(-1))?.entryId;
}

/** Whether an entry comes after a position in the stream; one without a position is always new. */
function isAfter(entryId: string, eventId: string | undefined): boolean {
  const [ms, count] = parseEntryId(entryId);
  const [placeMs, placeCount] = parseEntryId(eventId ?? '');
  if (ms === undefined || placeMs === undefined) return true;
  return ms > placeMs || (ms === placeMs && (count ?? 0) > (placeCount ?? 0));
}

function parseEntryId(entryId: string): number[] {
  return /^\d+-\d+$/.test(entryId) ? entryId.split('-').map(Number) : [];
}

/** JSON has no line breaks in it, so one `data:` line holds it. */
function frame({ kind, ...data }: LiveMessage, id?: string): string {
  const idLine = id === undefined ? '' : `id: ${id}\n`;
  return `${idLine}event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`;
}
