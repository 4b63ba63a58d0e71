import { AlertState, type AlertNotification, type AlertStateFile } from '@shopee-webhook/store';
import type { SpoolFile } from './spool-file.ts';
import type { SpoolOutbox } from './spool-outbox.ts';

/** Keeps this forwarder's alerts in spool.db, together with the notifications about them. */
export class SpoolAlertState implements AlertStateFile {
  readonly #file: SpoolFile;
  readonly #outbox: SpoolOutbox;

  constructor(file: SpoolFile, outbox: SpoolOutbox) {
    this.#file = file;
    this.#outbox = outbox;
  }

  load(): AlertState {
    const row = this.#file.read(() => this.#file.sql('SELECT state FROM alerts').get());
    return row === undefined ? { active: {}, resolved: {} } : AlertState.parse(JSON.parse(String(row['state'])));
  }

  /** In one transaction: sent and not saved, a notification would be sent again after a restart. */
  save(state: AlertState, notification?: AlertNotification): boolean {
    this.#file.write(() => {
      if (notification !== undefined) this.#outbox.add(notification);
      this.#file.sql('INSERT OR REPLACE INTO alerts (id, state) VALUES (1, ?)').run(JSON.stringify(state));
    });
    return true;
  }
}
