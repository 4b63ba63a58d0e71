import type { ShopTokens } from '@shopee-webhook/store';

/** Shopee's access tokens live four hours (Shopee guide 20); one whose birth is unknown is taken to do so too. */
const fullLifeMs = 4 * 3_600_000;

/**
 * Whether an access token is past three quarters of its life. Up to a tenth of the life comes on top, another share for
 * each token, so that shops connected together are not renewed together.
 */
export function isDue(tokens: Pick<ShopTokens, 'accessToken' | 'accessExpiresAt' | 'updatedAt'>, now: number): boolean {
  const lifeMs = Math.min(fullLifeMs, Math.max(0, tokens.accessExpiresAt - tokens.updatedAt)) || fullLifeMs;
  return now >= tokens.accessExpiresAt - lifeMs * (0.25 - 0.1 * shareOf(tokens.accessToken));
}

/** A steady number from 0 to 1 for each token. */
function shareOf(token: string): number {
  let hash = 0;
  for (const char of token) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) % 1009;
  return hash / 1009;
}
