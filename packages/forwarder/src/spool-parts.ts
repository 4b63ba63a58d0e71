import { accessSync, constants, mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { ConfigError, type Logger } from '@shopee-webhook/runtime';
import type { AlarmNotification } from '@shopee-webhook/store';
import { Alarms } from './alarms.ts';
import { SpoolFile } from './spool/spool-file.ts';
import { SpoolOutbox } from './spool/spool-outbox.ts';
import { Spool } from './spool/spool.ts';

/** All that stands on spool.db. */
export interface SpoolParts {
  file: SpoolFile;
  events: Spool;
  outbox: SpoolOutbox;
  alarms: Alarms;
  /** Set once Redis is wired: where alarms go while this disk takes nothing. */
  alarmsOtherwise: ((alarm: AlarmNotification) => Promise<boolean>) | undefined;
  /** Raises and ends the alarm about the disk, and sends what could not be sent before. */
  watch(): Promise<void>;
  /** Opens the file, so that a damaged one is found at the start; a full disk is no reason not to start. */
  open(): void;
}

export function createSpoolParts({ dataDir, logger }: { dataDir: string; logger: Logger }): SpoolParts {
  const file: SpoolFile = new SpoolFile({ dataDir, logger, onDamaged: (name) => reportDamage(alarms, name) });
  const events = new Spool(file);
  const outbox = new SpoolOutbox(file);
  const alarms = new Alarms({
    file,
    logger,
    publish: (alarm) => outbox.add(alarm),
    otherwise: async (alarm) => (await parts.alarmsOtherwise?.(alarm)) ?? false,
  });
  const parts: SpoolParts = {
    file,
    events,
    outbox,
    alarms,
    alarmsOtherwise: undefined,
    watch: () => watch(parts),
    open: () => openSpool({ dataDir, events, logger }),
  };
  return parts;
}

async function watch({ file, events, alarms }: SpoolParts): Promise<void> {
  // A look at it shows whether it can be used again, also when no push comes.
  if (file.trouble !== undefined) attempt(() => events.trim());
  const { trouble } = file;
  if (trouble === undefined)
    alarms.end('spool-trouble', { title: 'The disk of DATA_DIR takes pushes again', text: '' });
  else {
    const title = trouble.kind === 'full' ? 'The disk of DATA_DIR is full' : 'DATA_DIR cannot be written';
    const text = `While Redis is away, pushes are refused (503) and Shopee sends them again. ${trouble.message}`;
    alarms.begin('spool-trouble', { severity: 'critical', title, text });
  }
  await alarms.retry();
}

function attempt(work: () => void): void {
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
    const who = `${userInfo().username} (uid ${String(userInfo().uid)})`;
    throw new ConfigError(`DATA_DIR (${dataDir}) cannot be written by ${who}: give it to that user`, { cause });
  }
  try {
    const { events: waiting } = events.depth();
    if (waiting > 0) logger.info({ waiting }, 'pushes wait in the spool');
  } catch (err) {
    logger.error({ err }, 'spool cannot be opened; pushes are accepted only while Redis takes them');
  }
}

function reportDamage(alarms: Alarms, name: string): void {
  const text = `It is kept as ${name}. Pushes that waited in it may be missing: run a reconcile, which finds missing orders.`;
  // After the new file is in place: it is where the alarm goes.
  setImmediate(() =>
    alarms.once('spool-damaged', { severity: 'critical', title: 'The spool on disk was damaged', text }),
  );
}
