import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { type Logger, systemClock } from '@shopee-webhook/runtime';
import { DashboardFile } from './dashboard-file.ts';
import { hashPassword, verifyPassword } from './password-hash.ts';
import { loadSessionKey } from './session-key.ts';

/** What the cookie of a logged-in browser holds, encrypted. */
export interface SessionInfo {
  id: string;
  /** When it was opened or last renewed, ms. */
  at: number;
}

export const sessionDays = 30;
const sessionMs = sessionDays * 24 * 3_600_000;
const renewAfterMs = 24 * 3_600_000;
/** At a time, over all addresses. */
const maxConcurrentChecks = 2;
/** Over all addresses: the limit for an attacker with many. */
const maxTriesPerMinute = 60;

export type LoginResult = 'ok' | 'wrong' | 'busy';

/** The one password of the dashboard, and the sessions opened with it. */
export class Login {
  readonly #file: DashboardFile;
  readonly #dataDir: string;
  readonly #configured: string | undefined;
  readonly #logger: Logger;
  readonly #now: () => number;
  #hash = '';
  #passwordGenerated = false;
  #sessionKey = Buffer.alloc(0);
  #revoked = new Map<string, number>();
  /** Browsers that logged in before have a budget of their own: an attack must not lock the owner out. */
  readonly #budgets = { known: new TryBudget(), unknown: new TryBudget() };

  constructor(options: { dataDir: string; password: string | undefined; logger: Logger; now?: () => number }) {
    this.#file = new DashboardFile(options.dataDir);
    this.#dataDir = options.dataDir;
    this.#configured = options.password;
    this.#logger = options.logger;
    this.#now = options.now ?? systemClock.wallMs;
  }

  /** Reads the saved state; generates a password when none is configured or was generated before, and logs it this once. */
  async load(): Promise<void> {
    const saved = await this.#file.read();
    this.#revoked = new Map(Object.entries(saved.revokedSessions));
    if (this.#configured === undefined) await this.#loadGenerated(saved);
    else await this.#loadConfigured(this.#configured, saved);
    this.#sessionKey = await loadSessionKey({ dataDir: this.#dataDir, passwordHash: this.#hash, logger: this.#logger });
  }

  /** 32 bytes. */
  get sessionKey(): Buffer {
    return this.#sessionKey;
  }

  /** The password is in the log of the first start: DASHBOARD_PASSWORD is not set. */
  get passwordGenerated(): boolean {
    return this.#passwordGenerated;
  }

  /** `isKnown`: from a browser that logged in before. */
  async check(password: string, { isKnown = false }: { isKnown?: boolean } = {}): Promise<LoginResult> {
    const budget = isKnown ? this.#budgets.known : this.#budgets.unknown;
    if (!budget.start(systemClock.monotonicMs())) return 'busy';
    try {
      return (await verifyPassword(password, this.#hash)) ? 'ok' : 'wrong';
    } finally {
      budget.end();
    }
  }

  /** What a browser that logged in keeps, to be known at its next login. */
  createDevice(): string {
    const id = randomBytes(12).toString('base64url');
    return `${id}.${this.#signDevice(id)}`;
  }

  /** The id of a browser that logged in before; undefined for anything else. */
  verifyDevice(cookie: string | undefined): string | undefined {
    const [id = '', signature = ''] = cookie?.split('.', 2) ?? [];
    const [given, expected] = [Buffer.from(signature), Buffer.from(this.#signDevice(id))];
    return given.length === expected.length && timingSafeEqual(given, expected) ? id : undefined;
  }

  createSession(): SessionInfo {
    return { id: randomBytes(12).toString('base64url'), at: this.#now() };
  }

  /** Whether a session is valid: not expired and not logged out. With another password its cookie cannot be read. */
  isValid(session: Partial<SessionInfo>): boolean {
    const { id, at } = session;
    if (id === undefined || at === undefined) return false;
    return !this.#revoked.has(id) && at > this.#now() - sessionMs;
  }

  /** The time (ms) to renew a session with; undefined when it is not due. */
  renewedAt({ at = 0 }: Partial<SessionInfo>): number | undefined {
    const now = this.#now();
    return now - at > renewAfterMs ? now : undefined;
  }

  /** Ends a session: copies of its cookie are invalid as well. */
  async revoke({ id }: Partial<SessionInfo>): Promise<void> {
    if (id === undefined) return;
    const now = this.#now();
    // A copy of the cookie may have been renewed up to now.
    this.#revoked = new Map([...this.#revoked].filter(([, until]) => until > now)).set(id, now + sessionMs);
    await this.#file.change({ revokedSessions: Object.fromEntries(this.#revoked) });
  }

  async #loadGenerated({
    passwordHash,
    passwordGenerated: generated,
  }: {
    passwordHash?: string | undefined;
    passwordGenerated: boolean;
  }): Promise<void> {
    this.#passwordGenerated = true;
    if (generated && passwordHash !== undefined) {
      this.#hash = passwordHash;
      return;
    }
    // 96 bits, easy to copy.
    const generatedPassword = randomBytes(12).toString('base64url');
    this.#hash = await hashPassword(generatedPassword);
    await this.#save({ passwordHash: this.#hash, passwordGenerated: true });
    this.#logger.warn({ generatedPassword }, 'DASHBOARD_PASSWORD not set: generated one, shown once');
  }

  /** A full disk is no reason not to start: pushes must be accepted all the same. */
  async #save(state: { passwordHash: string; passwordGenerated: boolean }): Promise<void> {
    await this.#file.change(state).catch((err: unknown) => {
      this.#logger.error({ err }, 'dashboard password not saved; it is valid until the process ends');
    });
  }

  async #loadConfigured(
    password: string,
    { passwordHash, passwordGenerated: generated }: { passwordHash?: string | undefined; passwordGenerated: boolean },
  ) {
    if (!generated && passwordHash !== undefined && (await verifyPassword(password, passwordHash))) {
      this.#hash = passwordHash;
      return;
    }
    // Another salt, so another session key: sessions of the old password end.
    this.#hash = await hashPassword(password);
    await this.#save({ passwordHash: this.#hash, passwordGenerated: false });
  }

  #signDevice(id: string): string {
    return createHmac('sha256', this.#sessionKey).update(`device|${id}`).digest('base64url');
  }
}

/** Limits password checks, each of which costs 16 MiB and a core. */
class TryBudget {
  #running = 0;
  #startedAt: number[] = [];

  /** False: too many now. */
  start(now: number): boolean {
    this.#startedAt = this.#startedAt.filter((at) => at > now - 60_000);
    if (this.#running >= maxConcurrentChecks || this.#startedAt.length >= maxTriesPerMinute) return false;
    this.#startedAt.push(now);
    this.#running += 1;
    return true;
  }

  end(): void {
    this.#running -= 1;
  }
}
