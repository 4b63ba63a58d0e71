import type { LiveMessage } from '@shopee-webhook/contracts/dashboard-api';

export type LiveState = 'connecting' | 'live' | 'disconnected';

export interface LiveListener {
  onState: (state: LiveState) => void;
  onMessage: (message: LiveMessage) => void;
  /** Reconnected after a break, possibly with a gap: shown data may be stale. */
  onResume: () => void;
}

const kinds = ['steps', 'pulse', 'task', 'reset'] as const;
const reopenMs = 2_000;

/**
 * The connection to /api/live. The browser reconnects after a network error and sends the id of the last message it saw, so
 * that nothing is missed; only when it gives up (a response that is no stream) a new source is opened here.
 */
export class LiveStream {
  readonly #listener: LiveListener;
  readonly #url: string;
  #source: EventSource | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wasLive = false;

  constructor(listener: LiveListener, url = '/api/live') {
    this.#listener = listener;
    this.#url = url;
  }

  open(): void {
    const source = new EventSource(this.#url);
    this.#source = source;
    source.addEventListener('open', () => this.#opened());
    source.addEventListener('error', () => this.#failed(source));
    for (const kind of kinds) {
      source.addEventListener(kind, ({ data }: MessageEvent<string>) => {
        this.#listener.onMessage({ kind, ...(JSON.parse(data) as object) } as LiveMessage);
      });
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = undefined;
  }

  #opened(): void {
    this.#listener.onState('live');
    if (this.#wasLive) this.#listener.onResume();
    this.#wasLive = true;
  }

  #failed(source: EventSource): void {
    if (this.#source !== source) return;
    this.#listener.onState(this.#wasLive ? 'disconnected' : 'connecting');
    if (source.readyState !== EventSource.CLOSED) return;
    this.#timer = setTimeout(() => this.open(), reopenMs);
  }
}
