import type { ShopTokens } from '@shopee-webhook/store';

/** Shopee's access tokens are valid for four hours (Shopee guide 20); assumed when the issue time is unknown. */
const tokenLifetimeMs = 4 * 3_600_000;

/**
 * Whether an access token is past three quarters of its lifetime. Up to a tenth is added, spread by token, so that shops
 * connected together are not refreshed together.
 */
export function needsRefresh(
  tokens: Pick<ShopTokens, 'accessToken' | 'accessExpiresAt' | 'updatedAt'>,
  now: number,
): boolean {
  const lifeMs = Math.min(tokenLifetimeMs, Math.max(0, tokens.accessExpiresAt - tokens.updatedAt)) || tokenLifetimeMs;
  return now >= tokens.accessExpiresAt - lifeMs * (0.25 - 0.1 * spreadOf(tokens.accessToken));
}

/** A stable number from 0 to 1 per token: FNV-1a, whose top bits differ for similar texts too. */
function spreadOf(token: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(token)) hash = Math.imul(hash ^ byte, 0x01000193);
  return ((Math.imul(hash, 0x9e3779b1) ^ (hash >>> 15)) >>> 0) / 2 ** 32;
}
