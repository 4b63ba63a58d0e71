import { systemClock } from '@shopee-webhook/runtime';
import type { ShopTokens, TokenStore } from '@shopee-webhook/store';

const cacheTtlMs = 10_000;

/** The shops that were ever connected, at most ten seconds old. */
export class ShopNames {
  readonly #tokens: Pick<TokenStore, 'list' | 'listShopsWithoutTokens'>;
  #cached: { at: number; shops: Promise<ShopTokens[]> } | undefined;
  #names = new Map<string, string>();

  constructor(tokens: Pick<TokenStore, 'list' | 'listShopsWithoutTokens'>) {
    this.#tokens = tokens;
  }

  /** By id; none while they can be read nowhere. */
  list(): Promise<ShopTokens[]> {
    const now = systemClock.monotonicMs();
    if (this.#cached === undefined || now - this.#cached.at > cacheTtlMs) {
      this.#cached = { at: now, shops: this.#read() };
    }
    return this.#cached.shops;
  }

  /** Shops that could be connected, by id; none while they can be read nowhere. */
  async withoutTokens(): Promise<string[]> {
    return this.#tokens.listShopsWithoutTokens().catch(() => []);
  }

  /** Looks again at the next question: something was changed. */
  invalidate(): void {
    this.#cached = undefined;
  }

  /** A shop's name as far as it is known by now. */
  nameOf(shop: string | null | undefined): string | null {
    return (shop == null ? undefined : this.#names.get(shop)) ?? null;
  }

  async #read(): Promise<ShopTokens[]> {
    // Neither Redis nor the file can be read: the pages show ids in place of names, and /health says why.
    const shops = await this.#tokens.list().catch(() => []);
    this.#names = new Map(
      shops.flatMap(({ shopId, shopName }) => (shopName === undefined ? [] : [[shopId, shopName]])),
    );
    return shops;
  }
}
