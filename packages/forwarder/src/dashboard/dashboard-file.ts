import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { readState, writeState } from '../state-file.ts';

const DashboardState = z.object({
  /** 32 bytes, base64: encrypts and signs the session cookies. */
  sessionKey: z.string(),
  /** See password-hash.ts. */
  passwordHash: z.string().optional(),
  /** True: made by us. False: DASHBOARD_PASSWORD. */
  made: z.boolean(),
  /** Sessions that were logged out, with the time (ms) at which their cookies end by themselves. */
  endedSessions: z.record(z.string(), z.number()).default({}),
});

type DashboardState = z.infer<typeof DashboardState>;

/** DATA_DIR/dashboard.json, mode 0600: what the login needs to know over a restart. Holds no password. */
export class DashboardFile {
  readonly #path: string;
  #state: DashboardState | undefined;

  constructor(dataDir: string) {
    this.#path = join(dataDir, 'dashboard.json');
  }

  /** What is kept; of a new installation, or a damaged file, a new session key. */
  async read(): Promise<Readonly<DashboardState>> {
    this.#state ??= (await readState(this.#path, DashboardState)) ?? {
      sessionKey: randomBytes(32).toString('base64'),
      made: false,
      endedSessions: {},
    };
    return this.#state;
  }

  async change(change: Partial<DashboardState>): Promise<void> {
    this.#state = { ...(await this.read()), ...change };
    await writeState(this.#path, this.#state);
  }
}
