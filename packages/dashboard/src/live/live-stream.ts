import { parseResponse } from '../api/client.ts';
import type { LiveMessage } from '@shopee-webhook/contracts/dashboard-api';

/** `stale`: the connection is open, but the server has stopped sending. */
export type LiveState = 'connecting' | 'live' | 'stale' | 'disconnected';

export interface LiveListener {
  onState: (state: LiveState) => void;
  onMessage: (message: LiveMessage) => void;
  /** Reconnected after a break, possibly with a gap: shown data may be stale. */
  onResume: () => void;
}

const kinds = ['steps', 'pulse', 'task', 'reset'] as const;
const reopenMs = 2_000;
/** Three intervals of the server's pulse. */
const silenceMs = 15_000;

/**
 * The connection to /api/live. The browser reconnects after a network error and sends the id of the last message it saw, so
 * that nothing is missed; only when it gives up (a response that is no stream) a new source is opened here. Closed while the
 * tab is hidden: over HTTP/1.1 a browser has six connections per server for all its tabs.
 */
export class LiveStream {
  readonly #listener: LiveListener;
  readonly #url: string;
  #source: EventSource | undefined;
  #reopenTimer: ReturnType<typeof setTimeout> | undefined;
  #silenceTimer: ReturnType<typeof setTimeout> | undefined;
  #lastEventId = '';
  #wasLive = false;
  #isStale = false;

  constructor(listener: LiveListener, url = '/api/live') {
    this.#listener = listener;
    this.#url = url;
  }

  open(): void {
    this.close();
    const after = this.#lastEventId === '' ? '' : `?after=${encodeURIComponent(this.#lastEventId)}`;
    const source = new EventSource(this.#url + after);
    this.#source = source;
    source.addEventListener('open', () => this.#opened(source));
    source.addEventListener('error', () => this.#failed(source));
    for (const kind of kinds) {
      source.addEventListener(kind, ({ data, lastEventId }: MessageEvent<string>) => {
        this.#lastEventId = lastEventId;
        this.#heard(source);
        this.#listener.onMessage({ kind, ...parseResponse(data) } as LiveMessage);
      });
    }
    this.#expectMessage();
  }

  close(): void {
    clearTimeout(this.#reopenTimer);
    clearTimeout(this.#silenceTimer);
    this.#source?.close();
    this.#source = undefined;
  }

  #opened(source: EventSource): void {
    this.#heard(source);
    this.#listener.onState('live');
    if (this.#wasLive) this.#listener.onResume();
    this.#wasLive = true;
  }

  /** Any message proves that the server is alive. */
  #heard(source: EventSource): void {
    if (this.#source !== source) return;
    this.#expectMessage();
    if (!this.#isStale) return;
    this.#isStale = false;
    this.#listener.onState('live');
    this.#listener.onResume();
  }

  #expectMessage(): void {
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = setTimeout(() => {
      this.#isStale = true;
      this.#listener.onState('stale');
    }, silenceMs);
  }

  #failed(source: EventSource): void {
    if (this.#source !== source) return;
    clearTimeout(this.#silenceTimer);
    this.#listener.onState(this.#wasLive ? 'disconnected' : 'connecting');
    if (source.readyState !== EventSource.CLOSED) return;
    this.#reopenTimer = setTimeout(() => this.open(), reopenMs);
  }
}
