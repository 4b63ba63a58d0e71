/** Work that is done again and again: promoter, reaper, heartbeat. */
export interface Chore {
  /** Begins; does it at once and then at its interval. */
  start(): void;
  /** Ends; resolves when a round that is under way is over. No timer is armed any more. */
  stop(): Promise<void>;
  /** One round, now. */
  runOnce(): Promise<void>;
}

export interface ChoreOptions {
  everyMs: number;
  /** Hears when rounds begin to fail, and with undefined when they work again. */
  onTrouble?: ((error: Error | undefined) => void) | undefined;
}

/** Makes a chore of one round. Its interval varies by ±20 %, so that processes do not work in step. */
export function createChore(round: () => Promise<unknown>, { everyMs, onTrouble }: ChoreOptions): Chore {
  let running = false;
  let timer: NodeJS.Timeout | undefined;
  let current: Promise<void> = Promise.resolve();
  let troubled = false;

  const runOnce = async () => {
    await round();
  };
  const tick = async () => {
    try {
      await runOnce();
      if (troubled) onTrouble?.(undefined);
      troubled = false;
    } catch (error) {
      if (!troubled) onTrouble?.(error instanceof Error ? error : new Error(String(error)));
      troubled = true;
    }
    // Asked after the round: it may have been stopped meanwhile.
    if (running) timer = setTimeout(begin, everyMs * (0.8 + Math.random() * 0.4));
  };
  const begin = () => {
    current = tick();
  };
  return {
    start() {
      if (running) return;
      running = true;
      begin();
    },
    async stop() {
      running = false;
      clearTimeout(timer);
      await current;
    },
    runOnce,
  };
}
