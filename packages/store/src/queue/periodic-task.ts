/** Work that is done again and again: promoter, reaper, heartbeat. */
export interface PeriodicTask {
  /** Begins; does it at once and then at its interval. */
  start(): void;
  /** Ends; resolves when a round that is under way is over. No timer is armed any more. */
  stop(): Promise<void>;
  /** One round, now. */
  runOnce(): Promise<void>;
}

export interface PeriodicTaskOptions {
  intervalMs: number;
  /** Hears when rounds begin to fail, and with undefined when they work again. */
  onError?: ((error: Error | undefined) => void) | undefined;
}

/** Makes a chore of one round. Its interval varies by ±20 %, so that processes do not work in step. */
export function createPeriodicTask(
  run: () => Promise<unknown>,
  { intervalMs, onError }: PeriodicTaskOptions,
): PeriodicTask {
  let running = false;
  let timer: NodeJS.Timeout | undefined;
  let current: Promise<void> = Promise.resolve();
  let failing = false;

  const runOnce = async () => {
    await run();
  };
  const tick = async () => {
    try {
      await runOnce();
      if (failing) onError?.(undefined);
      failing = false;
    } catch (error) {
      if (!failing) onError?.(error instanceof Error ? error : new Error(String(error)));
      failing = true;
    }
    // Asked after the round: it may have been stopped meanwhile.
    if (running) timer = setTimeout(begin, intervalMs * (0.8 + Math.random() * 0.4));
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
