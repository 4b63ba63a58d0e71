import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { readJsonFile, writeJsonFile } from '@shopee-webhook/runtime';

const DashboardState = z.object({
  /** 32 bytes, base64: encrypts and signs the session cookies. */
  sessionKey: z.string(),
  /** See password-hash.ts. */
  passwordHash: z.string().optional(),
  /** True: made by us. False: DASHBOARD_PASSWORD. */
  passwordGenerated: z.boolean(),
  /** Sessions that were logged out, with the time (ms) at which their cookies end by themselves. */
  revokedSessions: z.record(z.string(), z.number()).default({}),
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
    this.#state ??= (await readJsonFile(this.#path, DashboardState)) ?? {
      sessionKey: randomBytes(32).toString('base64'),
      passwordGenerated: false,
      revokedSessions: {},
    };
    return this.#state;
  }

  async change(change: Partial<DashboardState>): Promise<void> {
    this.#state = { ...(await this.read()), ...change };
    await writeJsonFile(this.#path, this.#state);
  }
}
