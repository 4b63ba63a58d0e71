import { readFileSync } from 'node:fs';
import { writeJsonFile } from '@shopee-webhook/runtime/json-file';
import { z } from 'zod';
import type { AlertNotification } from '../notifications/notification.ts';

const SavedAlert = z.object({
  severity: z.enum(['info', 'warning', 'critical']),
  title: z.string(),
  text: z.string(),
  since: z.number(),
  /** Whether its notification is in an outbox. */
  sent: z.boolean(),
  /** Of a resolved one: whether its notification is as well. */
  isAnnounced: z.boolean().optional(),
  /** It fired again before Redis knew that it had resolved. */
  replaces: z.boolean().optional(),
});

/** What one process knows of an alert. */
export type SavedAlert = z.infer<typeof SavedAlert>;

export const AlertState = z.object({
  active: z.record(z.string(), SavedAlert),
  resolved: z.record(z.string(), SavedAlert),
});

/** The alerts of one process. */
export type AlertState = z.infer<typeof AlertState>;

/** Where a process keeps its alerts over a restart. */
export interface AlertStateFile {
  /** What was saved last; throws while it cannot be read. */
  load(): AlertState;
  /**
   * Saves the state and, where this process has an outbox of its own, hands it the notification in the same step.
   * True when the notification was taken.
   */
  save(state: AlertState, notification?: AlertNotification): boolean | Promise<boolean>;
}

/** Keeps the alerts in a JSON file; has no outbox: notifications wait for Redis. */
export class JsonAlertStateFile implements AlertStateFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  load(): AlertState {
    try {
      return AlertState.parse(JSON.parse(readFileSync(this.#path, 'utf8')));
    } catch (error) {
      // Nothing was saved yet, or an older version wrote it: what is still wrong is raised again.
      if (error instanceof Error && 'code' in error && error.code !== 'ENOENT') throw error;
      return { active: {}, resolved: {} };
    }
  }

  async save(state: AlertState): Promise<boolean> {
    await writeJsonFile(this.#path, state);
    return false;
  }
}
