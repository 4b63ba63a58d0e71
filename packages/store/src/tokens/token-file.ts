import { mkdir, open, readFile, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { writeFileAtomic } from '../files/atomic-file.ts';
import { isErrno, TokenFileError } from '../redis/errors.ts';

/** One shop's authorisation. Times in ms. */
export const ShopTokens = z.object({
  shopId: z.string(),
  accessToken: z.string(),
  /** Empty, as the access token, of a shop that was disconnected here. */
  refreshToken: z.string(),
  /** 0: unknown, refresh before the first use. */
  accessExpiresAt: z.number(),
  refreshExpiresAt: z.number(),
  /** When the seller has to authorise anew. */
  authorizationExpiresAt: z.number().optional(),
  shopName: z.string().optional(),
  region: z.string().optional(),
  state: z.enum(['active', 'expired', 'revoked']),
  reason: z.string().optional(),
  updatedAt: z.number(),
});

export type ShopTokens = z.infer<typeof ShopTokens>;

const TokenFileSchema = z.object({
  shops: z.record(z.string(), ShopTokens),
  /** shop → SHA-256 of the refresh tokens that were taken from the environment. */
  seeds: z.record(z.string(), z.array(z.string())),
  /** Shops that authorised the app or have events here, whether they have tokens or not. */
  knownShops: z.array(z.string()).default([]),
});

/** What tokens.json holds. */
export type TokenFileContents = z.infer<typeof TokenFileSchema>;

const staleLockMs = 10_000;
const emptyContents: TokenFileContents = { shops: {}, seeds: {}, knownShops: [] };

/** `tokens.json`, mode 0600, shared by the processes on this machine: changes are made one at a time, under a lock file. */
export class TokenFile {
  readonly path: string;
  #cached: { stamp: string; book: TokenFileContents } | undefined;

  constructor(dataDir: string) {
    this.path = join(dataDir, 'tokens.json');
  }

  /**
   * The book as it is now; read anew only when somebody changed it.
   * @throws TokenFileError when it cannot be understood
   */
  async read(): Promise<TokenFileContents> {
    const stamp = await this.#stamp();
    if (stamp === undefined) return emptyContents;
    if (this.#cached?.stamp === stamp) return this.#cached.book;
    const text = await readFile(this.path, 'utf8');
    const book = parseContents(text);
    if (book === undefined) throw new TokenFileError(`${this.path} is damaged`);
    this.#cached = { stamp, book };
    return book;
  }

  /**
   * Changes the book; it is on the disk when this resolves. `change` returns undefined to leave it alone. A damaged book is
   * set aside, not deleted, and a new one begun.
   */
  async update(change: (book: TokenFileContents) => TokenFileContents | undefined): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true });
    const unlock = await this.#lock();
    try {
      const book = change(await this.#readOrQuarantine());
      if (book !== undefined) await writeFileAtomic(this.path, `${JSON.stringify(book, undefined, 2)}\n`, 0o600);
    } finally {
      await unlock();
    }
  }

  async #readOrQuarantine(): Promise<TokenFileContents> {
    try {
      return await this.read();
    } catch (error) {
      if (!(error instanceof TokenFileError)) throw error;
      await rename(this.path, `${this.path}.damaged-${Date.now()}`);
      return emptyContents;
    }
  }

  /** Each replacement is another file, so that its inode and time tell. */
  async #stamp(): Promise<string | undefined> {
    try {
      const { ino, mtimeNs, size } = await stat(this.path, { bigint: true });
      return `${ino} ${mtimeNs} ${size}`;
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  async #lock(): Promise<() => Promise<void>> {
    const path = `${this.path}.lock`;
    for (;;) {
      try {
        await (await open(path, 'wx', 0o600)).close();
        return () => unlink(path);
      } catch (error) {
        if (!isErrno(error, 'EEXIST')) throw error;
      }
      // A change takes milliseconds: a lock this old was left by a process that died.
      const age = await stat(path).then(
        ({ mtimeMs }) => Date.now() - mtimeMs,
        () => 0,
      );
      // Whoever removes it, all try again.
      if (age > staleLockMs) await unlink(path).catch(() => undefined);
      else await sleep(5 + Math.random() * 20);
    }
  }
}

function parseContents(text: string): TokenFileContents | undefined {
  try {
    return TokenFileSchema.parse(JSON.parse(text));
  } catch {
    // Not JSON, or JSON of something else: nothing of the text may be shown, for it holds tokens.
    return undefined;
  }
}
