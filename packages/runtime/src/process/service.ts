import { flushCompileCache } from 'node:module';
import { ConfigError } from '../config/env.ts';
import { releaseStartupMemory } from './release-startup-memory.ts';
import { createLogger, flushErrorReports, type Logger } from '../logging/logger.ts';

/** What runService needs of a service that was started. */
export interface RunningService {
  /** Takes no more, finishes what is in flight within 10 s, leaves the rest where another finds it. */
  stop(): Promise<void>;
  /** Gives up what is in flight, at once. */
  forceStop(): void;
}

/** Exit codes: 0 stopped in order · 1 could not start, crashed or did not stop · 78 (sysexits' EX_CONFIG) bad environment. */
const exitCodes = { failed: 1, config: 78 };

/** Two seconds past what a service has to stop in order; a leaked handle must not keep a container alive. */
const forceExitAfterMs = 12_000;

/** What a report of the error that ends the process may take. */
const reportFlushMs = 1_500;

/** By then the start's own loose ends (first connections, first runs of periodic tasks) are over. */
const startupSettleMs = 1_500;

/** Reads the configuration, or prints what is wrong with it and ends the process. */
export function configOrExit<Config>(load: () => Config): Config {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return process.exit(exitCodes.config);
  }
}

/**
 * Runs a service until SIGTERM or SIGINT: the first stops it in order, the second abandons it.
 * A service that does not start, or an error that nobody caught, ends the process with code 1.
 */
export async function runService(
  start: () => Promise<RunningService>,
  logger: Logger = createFallbackLogger(),
): Promise<void> {
  const state: { service?: RunningService; stopping: boolean } = { stopping: false };
  const onSignal = (signal: NodeJS.Signals) => {
    if (state.stopping) {
      logger.warn({ signal }, 'forced shutdown');
      state.service?.forceStop();
      exitProcess(logger, 0);
      return;
    }
    state.stopping = true;
    logger.info({ signal }, 'stopping');
    // A signal during the start: what was opened so far is closed by the process' end.
    if (state.service === undefined) exitProcess(logger, 0);
    else void stop(state.service, logger);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  process.on('uncaughtException', (error) => exitWithError(logger, error, 'uncaught error'));
  try {
    state.service = await start();
    setTimeout(onStartupSettled, startupSettleMs).unref();
  } catch (error) {
    exitWithError(logger, error, 'could not start');
  }
}

function onStartupSettled(): void {
  // With NODE_COMPILE_CACHE the next start is quicker and smaller; Node itself writes it only at an orderly end.
  flushCompileCache();
  releaseStartupMemory();
}

async function stop(service: RunningService, logger: Logger): Promise<void> {
  const forceExit = setTimeout(() => {
    logger.error({ ms: forceExitAfterMs }, 'did not stop in time; ending the process');
    exitProcess(logger, exitCodes.failed);
  }, forceExitAfterMs);
  forceExit.unref();
  try {
    await service.stop();
    logger.info('stopped');
    // Not left to Node: an outside call that hangs would keep the process alive.
    exitProcess(logger, 0);
  } catch (error) {
    exitWithError(logger, error, 'could not stop in order');
  }
}

function exitWithError(logger: Logger, error: unknown, message: string): void {
  logger.fatal({ err: error }, message);
  exitProcess(logger, exitCodes.failed);
}

/** Ends the process after the log's last lines are out. */
function exitProcess(logger: Logger, code: number): void {
  process.exitCode = code;
  void flushErrorReports(logger, reportFlushMs).then(() => {
    logger.flush(() => process.exit(code));
    // The callback does not come when standard output is gone.
    setTimeout(() => process.exit(code), 500).unref();
    return undefined;
  });
}

function createFallbackLogger(): Logger {
  return createLogger({ name: 'service', level: 'info' });
}
