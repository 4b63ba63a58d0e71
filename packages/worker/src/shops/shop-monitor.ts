import type { HealthState } from '@shopee-webhook/runtime';
import type { AlertEngine, ShopTokens, TokenStore } from '@shopee-webhook/store';
import { shopUpstream, type CircuitBreakers } from '../upstreams/circuit-breakers.ts';

/** Checks every half minute which shops are connected. */
export class ShopMonitor {
  readonly #options: { tokens: Pick<TokenStore, 'list'>; breakers: CircuitBreakers; alerts: AlertEngine };
  #shops: readonly ShopTokens[] | undefined;

  constructor(options: { tokens: Pick<TokenStore, 'list'>; breakers: CircuitBreakers; alerts: AlertEngine }) {
    this.#options = options;
  }

  /** Closes the circuit breaker of a shop that was reconnected (by the dashboard, in another process): its events go on. */
  async check(): Promise<void> {
    const before = new Map(this.#shops?.map((shop) => [shop.shopId, shop.state]));
    this.#shops = await this.#options.tokens.list();
    for (const { shopId, state } of this.#shops) {
      if (state !== 'active') continue;
      await this.#options.alerts.resolve(`shop:${shopId}`);
      const isNew = this.#shops !== undefined && before.get(shopId) !== 'active';
      if (isNew) this.#options.breakers.get(shopUpstream(shopId)).close();
    }
  }

  /** As of the last check. */
  get shops(): readonly ShopTokens[] {
    return this.#shops ?? [];
  }

  health(): HealthState {
    const shops = this.#shops;
    if (shops === undefined) return { status: 'warning', detail: 'not checked yet' };
    const action = 'Connect the shop on the dashboard, or set SHOP_ID, ACCESS_TOKEN and REFRESH_TOKEN.';
    if (shops.length === 0) return { status: 'failing', detail: 'no shop is connected', action };
    const inactive = shops.filter(({ state }) => state !== 'active');
    if (inactive.length === 0) return { status: 'ok', detail: `${String(shops.length)} connected` };
    const names = inactive.map(({ shopId, state, reason }) => `${shopId} is ${state}${reason ? ` (${reason})` : ''}`);
    const detail = `${names.join('; ')}: its events wait`;
    // The other shops' events are processed: the service fails only when no shop is active.
    return { status: inactive.length === shops.length ? 'failing' : 'warning', detail, action };
  }
}
