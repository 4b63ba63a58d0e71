import type { ShopTokens, TokenStore } from '@shopee-webhook/store';

const rememberedMs = 10_000;

/** The shops that were ever connected, at most ten seconds old. */
export class ShopNames {
  readonly #tokens: Pick<TokenStore, 'list' | 'unconnected'>;
  readonly #now: () => number;
  #known: { at: number; shops: Promise<ShopTokens[]> } | undefined;
  #names = new Map<string, string>();

  constructor(tokens: Pick<TokenStore, 'list' | 'unconnected'>, now: () => number = Date.now) {
    this.#tokens = tokens;
    this.#now = now;
  }

  /** By id; none while they can be read nowhere. */
  list(): Promise<ShopTokens[]> {
    const now = this.#now();
    if (this.#known === undefined || now - this.#known.at > rememberedMs) {
      this.#known = { at: now, shops: this.#read() };
    }
    return this.#known.shops;
  }

  /** Shops that could be connected, by id; none while they can be read nowhere. */
  async unconnected(): Promise<string[]> {
    return this.#tokens.unconnected().catch(() => []);
  }

  /** Looks again at the next question: something was changed. */
  forget(): void {
    this.#known = undefined;
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
