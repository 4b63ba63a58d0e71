import { createHash, randomBytes } from 'node:crypto';
import type { Logger } from '@shopee-webhook/runtime';
import { DashboardFile } from './dashboard-file.ts';
import { hashPassword, isPassword } from './password-hash.ts';

/** What the cookie of a logged-in browser holds, encrypted. */
export interface SessionFacts {
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
const mostAtOnce = 2;
/** Over all addresses: what is left to somebody who can pretend to come from many. */
const mostAMinute = 60;

export type LoginResult = 'ok' | 'wrong' | 'busy';

/** The one password of the dashboard, and the sessions opened with it. */
export class Login {
  readonly #file: DashboardFile;
  readonly #given: string | undefined;
  readonly #logger: Logger;
  readonly #now: () => number;
  #hash = '';
  #made = false;
  #sessionKey = Buffer.alloc(0);
  #ended = new Map<string, number>();
  #checking = 0;
  #tries: number[] = [];

  constructor(options: { dataDir: string; password: string | undefined; logger: Logger; now?: () => number }) {
    this.#file = new DashboardFile(options.dataDir);
    this.#given = options.password;
    this.#logger = options.logger;
    this.#now = options.now ?? Date.now;
  }

  /** Reads what is kept; makes a password when none is set and none was made before, and logs it this once. */
  async load(): Promise<void> {
    const kept = await this.#file.read();
    this.#sessionKey = Buffer.from(kept.sessionKey, 'base64');
    this.#ended = new Map(Object.entries(kept.endedSessions));
    if (this.#given === undefined) await this.#loadMade(kept);
    else await this.#loadGiven(this.#given, kept);
  }

  /** 32 bytes. */
  get sessionKey(): Buffer {
    return this.#sessionKey;
  }

  /** The password stands in the log of the first start, for DASHBOARD_PASSWORD is not set. */
  get made(): boolean {
    return this.#made;
  }

  async check(password: string): Promise<LoginResult> {
    const now = this.#now();
    this.#tries = this.#tries.filter((at) => at > now - 60_000);
    if (this.#checking >= mostAtOnce || this.#tries.length >= mostAMinute) return 'busy';
    this.#tries.push(now);
    this.#checking += 1;
    try {
      return (await isPassword(password, this.#hash)) ? 'ok' : 'wrong';
    } finally {
      this.#checking -= 1;
    }
  }

  newSession(): SessionFacts {
    return { id: randomBytes(12).toString('base64url'), fingerprint: this.#fingerprint(), at: this.#now() };
  }

  /** Whether a session that was opened once is still good: not logged out, and the password is the same. */
  isOpen(session: Partial<SessionFacts>): boolean {
    const { id, fingerprint, at } = session;
    if (id === undefined || at === undefined || fingerprint !== this.#fingerprint()) return false;
    return !this.#ended.has(id) && at > this.#now() - sessionMs;
  }

  /** The time (ms) to put into a session that is used, so that it lives on; undefined when the one it has will do. */
  renewedAt({ at = 0 }: Partial<SessionFacts>): number | undefined {
    const now = this.#now();
    return now - at > renewAfterMs ? now : undefined;
  }

  /** Ends a session for good: a copy of its cookie is worth nothing any more. */
  async end({ id }: Partial<SessionFacts>): Promise<void> {
    if (id === undefined) return;
    const now = this.#now();
    // A copy of the cookie may have been renewed up to now.
    this.#ended = new Map([...this.#ended].filter(([, until]) => until > now)).set(id, now + sessionMs);
    await this.#file.change({ endedSessions: Object.fromEntries(this.#ended) });
  }

  async #loadMade({ passwordHash, made }: { passwordHash?: string | undefined; made: boolean }): Promise<void> {
    this.#made = true;
    if (made && passwordHash !== undefined) {
      this.#hash = passwordHash;
      return;
    }
    // 96 bits, in letters and digits that are easy to copy.
    const madePassword = randomBytes(12).toString('base64url');
    this.#hash = await hashPassword(madePassword);
    await this.#keep({ passwordHash: this.#hash, made: true });
    this.#logger.warn({ madePassword }, 'DASHBOARD_PASSWORD is not set: this one was made; it is shown only now');
  }

  /** A full disk is no reason not to start: pushes must be taken all the same. */
  async #keep(state: { passwordHash: string; made: boolean }): Promise<void> {
    await this.#file.change(state).catch((err: unknown) => {
      this.#logger.error({ err }, 'password of the dashboard not kept; it holds until the process ends');
    });
  }

  async #loadGiven(password: string, { passwordHash, made }: { passwordHash?: string | undefined; made: boolean }) {
    if (!made && passwordHash !== undefined && (await isPassword(password, passwordHash))) {
      this.#hash = passwordHash;
      return;
    }
    // Another salt, so another fingerprint: sessions of the old password end.
    this.#hash = await hashPassword(password);
    await this.#keep({ passwordHash: this.#hash, made: false });
  }

  #fingerprint(): string {
    return createHash('sha256').update(this.#hash).digest('base64url').slice(0, 16);
  }
}
