import { accessSync, constants, mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { ConfigError, type Logger } from '@shopee-webhook/runtime';
import type { AlertStateFile } from '@shopee-webhook/store';
import { SpoolAlertState } from './spool-alert-state.ts';
import { SpoolFile } from './spool-file.ts';
import { SpoolOutbox } from './spool-outbox.ts';
import { Spool } from './spool.ts';

/** Components backed by spool.db. */
export interface SpoolDeps {
  file: SpoolFile;
  events: Spool;
  outbox: SpoolOutbox;
  alertState: AlertStateFile;
  /** Finds out whether a file that failed can be used again, also when no push comes. */
  checkHealth(): void;
  /** Opens the file, so that a corrupt one is found at the start; a full disk is no reason not to start. */
  open(): void;
}

/** Wires the spool; the file is opened by `open`, or at its first use. */
export function createSpool({ dataDir, logger }: { dataDir: string; logger: Logger }): SpoolDeps {
  const file = new SpoolFile({ dataDir, logger });
  const events = new Spool(file);
  const outbox = new SpoolOutbox(file);
  return {
    file,
    events,
    outbox,
    alertState: new SpoolAlertState(file, outbox),
    checkHealth() {
      if (file.problem !== undefined) tryRun(() => events.trim());
    },
    open: () => openSpool({ dataDir, events, logger }),
  };
}

function tryRun(work: () => void): void {
  try {
    work();
  } catch {
    // The file records what is wrong with it: `problem`.
  }
}

function openSpool({ dataDir, events, logger }: { dataDir: string; events: Spool; logger: Logger }): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    const user = `${userInfo().username} (uid ${String(userInfo().uid)})`;
    throw new ConfigError(`DATA_DIR (${dataDir}) cannot be written by ${user}: give it to that user`, { cause });
  }
  try {
    const { events: spooled } = events.depth();
    if (spooled > 0) logger.info({ events: spooled }, 'spool not empty at start');
  } catch (err) {
    logger.error({ err }, 'spool cannot be opened; pushes are accepted only while Redis takes them');
  }
}
