import { accessSync, constants, mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { ConfigError, type Logger } from '@shopee-webhook/runtime';
import type { AlertNotification } from '@shopee-webhook/store';
import { Alerts } from '../alerts/alerts.ts';
import { SpoolFile } from './spool-file.ts';
import { SpoolOutbox } from './spool-outbox.ts';
import { Spool } from './spool.ts';

/** All that stands on spool.db. */
export interface SpoolDeps {
  file: SpoolFile;
  events: Spool;
  outbox: SpoolOutbox;
  alerts: Alerts;
  /** Set once Redis is wired: where alarms go while this disk takes nothing. */
  fallbackPublish: ((alarm: AlertNotification) => Promise<boolean>) | undefined;
  /** Raises and ends the alarm about the disk, and sends what could not be sent before. */
  checkHealth(): Promise<void>;
  /** Opens the file, so that a damaged one is found at the start; a full disk is no reason not to start. */
  open(): void;
}

export function createSpool({ dataDir, logger }: { dataDir: string; logger: Logger }): SpoolDeps {
  const file: SpoolFile = new SpoolFile({ dataDir, logger, onCorrupt: (name) => reportCorruption(alerts, name) });
  const events = new Spool(file);
  const outbox = new SpoolOutbox(file);
  const alerts = new Alerts({
    file,
    logger,
    publish: (alarm) => outbox.add(alarm),
    fallbackPublish: async (alarm) => (await deps.fallbackPublish?.(alarm)) ?? false,
  });
  const deps: SpoolDeps = {
    file,
    events,
    outbox,
    alerts,
    fallbackPublish: undefined,
    checkHealth: () => checkSpool(deps),
    open: () => openSpool({ dataDir, events, logger }),
  };
  return deps;
}

async function checkSpool({ file, events, alerts }: SpoolDeps): Promise<void> {
  // A look at it shows whether it can be used again, also when no push comes.
  if (file.problem !== undefined) tryRun(() => events.trim());
  const { problem } = file;
  if (problem === undefined)
    alerts.resolve('spool-trouble', { title: 'The disk of DATA_DIR takes pushes again', text: '' });
  else {
    const title = problem.kind === 'full' ? 'The disk of DATA_DIR is full' : 'DATA_DIR cannot be written';
    const text = `While Redis is away, pushes are refused (503) and Shopee sends them again. ${problem.message}`;
    alerts.raise('spool-trouble', { severity: 'critical', title, text });
  }
  await alerts.flush();
}

function tryRun(work: () => void): void {
  try {
    work();
  } catch {
    // The file keeps what is wrong with it: `trouble`.
  }
}

function openSpool({ dataDir, events, logger }: { dataDir: string; events: Spool; logger: Logger }): void {
  try {
    mkdirSync(dataDir, { recursive: true });
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    const user = `${userInfo().username} (uid ${String(userInfo().uid)})`;
    throw new ConfigError(`DATA_DIR (${dataDir}) cannot be written by ${user}: give it to that user`, { cause });
  }
  try {
    const { events: spooled } = events.depth();
    if (spooled > 0) logger.info({ waiting: spooled }, 'pushes wait in the spool');
  } catch (err) {
    logger.error({ err }, 'spool cannot be opened; pushes are accepted only while Redis takes them');
  }
}

function reportCorruption(alerts: Alerts, name: string): void {
  const text = `It is kept as ${name}. Pushes that waited in it may be missing: run a reconcile, which finds missing orders.`;
  // After the new file is in place: it is where the alarm goes.
  setImmediate(() =>
    alerts.notify('spool-damaged', { severity: 'critical', title: 'The spool on disk was damaged', text }),
  );
}
