import type { LiveMessage } from '@shopee-webhook/contracts/dashboard-api';

export type LiveState = 'connecting' | 'live' | 'lost';

export interface LiveListener {
  onState: (state: LiveState) => void;
  onMessage: (message: LiveMessage) => void;
  /** Connected again after a break, maybe with a gap: what is shown may be old. */
  onResume: () => void;
}

const kinds = ['steps', 'pulse', 'task', 'reset'] as const;
const reopenMs = 2_000;

/**
 * The connection to /api/live. The browser itself connects again after a network error and says which message it saw last,
 * so that nothing is missed; only when it gives up (an answer that is no stream) a new one is opened here.
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
    this.#listener.onState(this.#wasLive ? 'lost' : 'connecting');
    if (source.readyState !== EventSource.CLOSED) return;
    this.#timer = setTimeout(() => this.open(), reopenMs);
  }
}
