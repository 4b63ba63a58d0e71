import { readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '@shopee-webhook/runtime/clock';
import { writeJsonFile } from '@shopee-webhook/runtime/json-file';
import { withFileLock } from '@shopee-webhook/runtime/lock-file';
import { z } from 'zod';
import { isErrno, TokenFileError } from '../redis/errors.ts';

/** One shop's authorization. Times in ms. */
export const ShopTokens = z.object({
  shopId: z.string(),
  accessToken: z.string(),
  /** Empty, as is the access token, for a shop that was disconnected here. */
  refreshToken: z.string(),
  /** 0: unknown, refresh before the first use. */
  accessExpiresAt: z.number(),
  refreshExpiresAt: z.number(),
  /** When the seller has to authorize again. */
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
  /** Shops that authorized the app or have events here, whether they have tokens or not. */
  knownShops: z.array(z.string()).default([]),
});

/** What tokens.json holds. */
export type TokenFileContents = z.infer<typeof TokenFileSchema>;

const emptyContents: TokenFileContents = { shops: {}, seeds: {}, knownShops: [] };

/** `tokens.json`, mode 0600, shared by the processes on this machine, which change it one at a time. */
export class TokenFile {
  readonly path: string;
  #cached: { stamp: string; contents: TokenFileContents } | undefined;

  constructor(dataDir: string) {
    this.path = join(dataDir, 'tokens.json');
  }

  /**
   * The current contents; read again only when they changed.
   * @throws TokenFileError when they cannot be understood
   */
  async read(): Promise<TokenFileContents> {
    const stamp = await this.#stamp();
    if (stamp === undefined) return emptyContents;
    if (this.#cached?.stamp === stamp) return this.#cached.contents;
    const text = await readFile(this.path, 'utf8');
    const contents = parseContents(text);
    if (contents === undefined) throw new TokenFileError(`${this.path} is corrupt`);
    this.#cached = { stamp, contents };
    return contents;
  }

  /**
   * Changes the contents, durably when this resolves. `change` returns undefined to leave them. A corrupt file is quarantined,
   * not deleted, and a new one begun.
   */
  async update(change: (contents: TokenFileContents) => TokenFileContents | undefined): Promise<void> {
    await withFileLock(`${this.path}.lock`, async () => {
      const contents = change(await this.#readOrQuarantine());
      if (contents !== undefined) await writeJsonFile(this.path, contents);
    });
  }

  async #readOrQuarantine(): Promise<TokenFileContents> {
    try {
      return await this.read();
    } catch (error) {
      if (!(error instanceof TokenFileError)) throw error;
      await rename(this.path, `${this.path}.corrupt-${systemClock.wallMs()}`);
      return emptyContents;
    }
  }

  /** Each replacement is another file, so that its inode and time identify it. */
  async #stamp(): Promise<string | undefined> {
    try {
      const { ino, mtimeNs, size } = await stat(this.path, { bigint: true });
      return `${ino} ${mtimeNs} ${size}`;
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return undefined;
      throw error;
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
