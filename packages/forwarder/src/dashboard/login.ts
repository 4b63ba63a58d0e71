import { createHash, randomBytes } from 'node:crypto';
import type { Logger } from '@shopee-webhook/runtime';
import { DashboardFile } from './dashboard-file.ts';
import { hashPassword, verifyPassword } from './password-hash.ts';

/** What the cookie of a logged-in browser holds, encrypted. */
export interface SessionInfo {
  id: string;
  /** Of the password that was given. */
  fingerprint: string;
  /** When it was opened or last renewed, ms. */
  at: number;
}

export const sessionDays = 30;
const sessionMs = sessionDays * 24 * 3_600_000;
const renewAfterMs = 24 * 3_600_000;
/** Tries at a time, whoever makes them: each costs 16 MiB and a core. */
const maxConcurrentChecks = 2;
/** Over all addresses: what is left to somebody who can pretend to come from many. */
const maxTriesPerMinute = 60;

export type LoginResult = 'ok' | 'wrong' | 'busy';

/** The one password of the dashboard, and the sessions opened with it. */
export class Login {
  readonly #file: DashboardFile;
  readonly #configured: string | undefined;
  readonly #logger: Logger;
  readonly #now: () => number;
  #hash = '';
  #passwordGenerated = false;
  #sessionKey = Buffer.alloc(0);
  #revoked = new Map<string, number>();
  #checking = 0;
  #tries: number[] = [];

  constructor(options: { dataDir: string; password: string | undefined; logger: Logger; now?: () => number }) {
    this.#file = new DashboardFile(options.dataDir);
    this.#configured = options.password;
    this.#logger = options.logger;
    this.#now = options.now ?? Date.now;
  }

  /** Reads what is kept; makes a password when none is set and none was made before, and logs it this once. */
  async load(): Promise<void> {
    const saved = await this.#file.read();
    this.#sessionKey = Buffer.from(saved.sessionKey, 'base64');
    this.#revoked = new Map(Object.entries(saved.revokedSessions));
    if (this.#configured === undefined) await this.#loadGenerated(saved);
    else await this.#loadConfigured(this.#configured, saved);
  }

  /** 32 bytes. */
  get sessionKey(): Buffer {
    return this.#sessionKey;
  }

  /** The password stands in the log of the first start, for DASHBOARD_PASSWORD is not set. */
  get passwordGenerated(): boolean {
    return this.#passwordGenerated;
  }

  async check(password: string): Promise<LoginResult> {
    const now = this.#now();
    this.#tries = this.#tries.filter((at) => at > now - 60_000);
    if (this.#checking >= maxConcurrentChecks || this.#tries.length >= maxTriesPerMinute) return 'busy';
    this.#tries.push(now);
    this.#checking += 1;
    try {
      return (await verifyPassword(password, this.#hash)) ? 'ok' : 'wrong';
    } finally {
      this.#checking -= 1;
    }
  }

  createSession(): SessionInfo {
    return { id: randomBytes(12).toString('base64url'), fingerprint: this.#fingerprint(), at: this.#now() };
  }

  /** Whether a session that was opened once is still good: not logged out, and the password is the same. */
  isValid(session: Partial<SessionInfo>): boolean {
    const { id, fingerprint, at } = session;
    if (id === undefined || at === undefined || fingerprint !== this.#fingerprint()) return false;
    return !this.#revoked.has(id) && at > this.#now() - sessionMs;
  }

  /** The time (ms) to put into a session that is used, so that it lives on; undefined when the one it has will do. */
  renewedAt({ at = 0 }: Partial<SessionInfo>): number | undefined {
    const now = this.#now();
    return now - at > renewAfterMs ? now : undefined;
  }

  /** Ends a session for good: a copy of its cookie is worth nothing any more. */
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
    // 96 bits, in letters and digits that are easy to copy.
    const generatedPassword = randomBytes(12).toString('base64url');
    this.#hash = await hashPassword(generatedPassword);
    await this.#save({ passwordHash: this.#hash, passwordGenerated: true });
    this.#logger.warn({ generatedPassword }, 'DASHBOARD_PASSWORD is not set: this one was made; it is shown only now');
  }

  /** A full disk is no reason not to start: pushes must be taken all the same. */
  async #save(state: { passwordHash: string; passwordGenerated: boolean }): Promise<void> {
    await this.#file.change(state).catch((err: unknown) => {
      this.#logger.error({ err }, 'password of the dashboard not kept; it holds until the process ends');
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
    // Another salt, so another fingerprint: sessions of the old password end.
    this.#hash = await hashPassword(password);
    await this.#save({ passwordHash: this.#hash, passwordGenerated: false });
  }

  #fingerprint(): string {
    return createHash('sha256').update(this.#hash).digest('base64url').slice(0, 16);
  }
}
