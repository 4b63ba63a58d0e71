import { join } from 'node:path';
import { z } from 'zod';
import { readJsonFile, writeJsonFile } from '@shopee-webhook/runtime';

const DashboardState = z.object({
  /** See password-hash.ts. */
  passwordHash: z.string().optional(),
  /** True: generated. False: DASHBOARD_PASSWORD. */
  passwordGenerated: z.boolean(),
  /** Sessions that were logged out, with the time (ms) at which their cookies expire. */
  revokedSessions: z.record(z.string(), z.number()).default({}),
});

type DashboardState = z.infer<typeof DashboardState>;

/** DATA_DIR/dashboard.json, mode 0600: what the login needs after a restart. Holds no password and no key. */
export class DashboardFile {
  readonly #path: string;
  #state: DashboardState | undefined;

  constructor(dataDir: string) {
    this.#path = join(dataDir, 'dashboard.json');
  }

  async read(): Promise<Readonly<DashboardState>> {
    this.#state ??= (await readJsonFile(this.#path, DashboardState)) ?? {
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
