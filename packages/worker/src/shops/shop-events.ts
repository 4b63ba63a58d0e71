import { shopIdsOf, type Push } from '@shopee-webhook/shopee';
import type { AlertEngine, ShopTokens, TokenStore } from '@shopee-webhook/store';
import { reauthorizationHint } from './reauthorization-hint.ts';
import type { AccessTokens } from './access-tokens.ts';

export interface ShopEventsDeps {
  tokens: Pick<TokenStore, 'get' | 'registerShop' | 'unregisterShop'>;
  accessTokens: Pick<AccessTokens, 'change'>;
  alerts: AlertEngine;
  publicUrl: string | undefined;
}

const codes = { authorized: 1, canceled: 2, expiresSoon: 12 };

/**
 * Applies pushes about a shop's authorization: authorized (code 1; without tokens it is listed as not connected),
 * canceled (2), expiring soon (12). Other codes change nothing. Idempotent: each sets a state.
 */
export async function applyShopEvent(options: ShopEventsDeps, push: Push): Promise<void> {
  if (push.code === codes.authorized) return onAuthorized(options, push);
  if (push.code === codes.canceled) return onCanceled(options, push);
  if (push.code === codes.expiresSoon) return onExpiringSoon(options, push);
}

async function onAuthorized({ tokens, accessTokens, alerts }: ShopEventsDeps, push: Push): Promise<void> {
  for (const shopId of shopIdsOf(push)) {
    const shop = await tokens.get(shopId);
    if (shop !== undefined && (shop.state === 'active' || isStale(push, shop))) continue;
    if (shop === undefined || shop.refreshToken === '') {
      await tokens.registerShop(shopId);
      await alerts.notify(`connect:${shopId}`, {
        severity: 'info',
        title: `Shop ${shopId} authorized the app`,
        text: 'It has no tokens yet. Connect it on the dashboard; its events wait until then.',
      });
    } else {
      // Its old tokens may be valid again; the next call shows.
      await accessTokens.change(shopId, (known) =>
        known.refreshToken === '' ? undefined : { ...known, state: 'active', reason: undefined },
      );
      await alerts.resolve(`shop:${shopId}`);
    }
  }
}

async function onCanceled({ tokens, accessTokens, alerts }: ShopEventsDeps, push: Push): Promise<void> {
  for (const shopId of shopIdsOf(push)) {
    const shop = await tokens.get(shopId);
    if (shop === undefined) await tokens.unregisterShop(shopId);
    if (shop === undefined || shop.state === 'revoked' || isStale(push, shop)) continue;
    const { authorize_type: type } = push.data;
    const reason = typeof type === 'string' ? type : 'canceled';
    await accessTokens.change(shopId, (known) => ({ ...known, state: 'revoked', reason }));
    await alerts.raise(`shop:${shopId}`, {
      severity: 'critical',
      title: `Shop ${shop.shopName ?? shopId} revoked its authorization`,
      text: 'Its events wait. Reconnect the shop on the dashboard if this was not intended.',
    });
  }
}

/** Pushes are unordered and repeated: one sent before the last token refresh is outdated. */
function isStale(push: Push, shop: ShopTokens): boolean {
  return push.timestamp !== undefined && push.timestamp * 1000 < shop.updatedAt;
}

async function onExpiringSoon({ tokens, accessTokens, alerts, publicUrl }: ShopEventsDeps, push: Push): Promise<void> {
  const before = push.data['expire_before'];
  if (typeof before !== 'number') return;
  for (const shopId of shopIdsOf(push)) {
    const shop = await tokens.get(shopId);
    if (shop === undefined) continue;
    const day = new Date(before * 1000).toISOString().slice(0, 10);
    // "Before": the exact time, if known, is earlier.
    await accessTokens.change(shopId, (known) => ({
      ...known,
      authorizationExpiresAt: Math.min(before * 1000, known.authorizationExpiresAt ?? Infinity),
    }));
    await alerts.notify(`authorization:${shopId}`, {
      severity: 'warning',
      title: `Shop ${shop.shopName ?? shopId}: authorization expires before ${day}`,
      text: `${reauthorizationHint(publicUrl)} before then, or its orders can no longer be read.`,
    });
  }
}
