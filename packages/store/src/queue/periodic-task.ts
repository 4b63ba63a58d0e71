/** A periodic task: promoter, reaper, heartbeat. */
export interface PeriodicTask {
  /** Runs it now and then at its interval. */
  start(): void;
  /** Stops; resolves when a run in progress has ended. No timer is armed any more. */
  stop(): Promise<void>;
  /** Runs it once, now. */
  runOnce(): Promise<void>;
}

export interface PeriodicTaskOptions {
  intervalMs: number;
  /** Called when runs begin to fail, and with undefined when they recover. */
  onError?: ((error: Error | undefined) => void) | undefined;
}

/** Creates a periodic task. Its interval varies by ±20 %, so that processes do not run in step. */
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
    // Checked after the run: it may have been stopped meanwhile.
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
