import { unwrap, parseResponse } from './response-parser.ts';
import { tokenSchema } from './response-schemas.ts';
import { ShopeeError } from './errors.ts';
import type { ApiRequest, Send } from './transport.ts';
import { type BodyField, integer } from './request-body.ts';

/** Access and refresh token of a shop, or of a main account before it is fanned out. */
export interface TokenPair {
  accessToken: string;
  /** Good for one refresh, within 30 days. */
  refreshToken: string;
  /** When the access token ends, ms epoch. */
  expiresAt: number;
  /** When the refresh token ends, ms epoch. */
  refreshExpiresAt: number;
  /** Of a refresh: the shop it was for. Of a main account's code: every shop that was authorized. */
  shopIds: string[];
  merchantIds: string[];
}

/** What the callback after an authorization brings: a code, good once within ten minutes, and whom it is for. */
export interface CodeExchange {
  code: string;
  shopId?: string | undefined;
  mainAccountId?: string | undefined;
}

export interface TokenRefresh {
  refreshToken: string;
  shopId?: string | undefined;
  merchantId?: string | undefined;
}

/** What the token calls need besides a way to send. */
export interface TokenCallDeps {
  send: Send;
  partnerId: string;
  now: () => number;
}

const getPath = '/api/v2/auth/token/get';
const refreshPath = '/api/v2/auth/access_token/get';
const accessLifeSeconds = 14_400;
const refreshLifeMs = 30 * 86_400_000;

/** Exchanges a code for the first pair. A main account's refresh token may then be used once per shop. */
export async function exchangeCode(context: TokenCallDeps, exchange: CodeExchange): Promise<TokenPair> {
  const { code, shopId, mainAccountId } = exchange;
  return await fetchPair(context, getPath, {
    code,
    shop_id: shopId === undefined ? undefined : integer(shopId),
    main_account_id: mainAccountId === undefined ? undefined : integer(mainAccountId),
  });
}

/**
 * Exchanges a refresh token for a new pair; store it before it is used. The old access token works five minutes more.
 * When the response is lost the same token is sent once more: Shopee then gives the same new pair (FAQ 144).
 */
export async function refreshTokens(context: TokenCallDeps, refresh: TokenRefresh): Promise<TokenPair> {
  const { refreshToken, shopId, merchantId } = refresh;
  const attempt = () =>
    fetchPair(context, refreshPath, {
      refresh_token: refreshToken,
      shop_id: shopId === undefined ? undefined : integer(shopId),
      merchant_id: merchantId === undefined ? undefined : integer(merchantId),
    });
  try {
    return await attempt();
  } catch (error) {
    const lost = error instanceof ShopeeError && (error.code === 'network' || error.code === 'timeout');
    if (!lost) throw error;
    return await attempt();
  }
}

async function fetchPair(
  { send, partnerId, now }: TokenCallDeps,
  path: string,
  fields: Record<string, BodyField | undefined>,
): Promise<TokenPair> {
  const requestedAt = now();
  const request: ApiRequest = { method: 'POST', path, body: { ...fields, partner_id: integer(partnerId) } };
  const pair = parseResponse(tokenSchema, unwrap(await send(request)), path);
  return {
    accessToken: pair.access_token,
    refreshToken: pair.refresh_token,
    expiresAt: toExpiry(pair.expire_in ?? accessLifeSeconds, requestedAt),
    refreshExpiresAt: requestedAt + refreshLifeMs,
    shopIds: [...new Set([...(pair.shop_id === undefined ? [] : [pair.shop_id]), ...pair.shop_id_list])],
    merchantIds: [
      ...new Set([...(pair.merchant_id === undefined ? [] : [pair.merchant_id]), ...pair.merchant_id_list]),
    ],
  };
}

/** `expire_in` counts seconds, but a documented sample prints an absolute time. */
function toExpiry(expireIn: number, requestedAt: number): number {
  return expireIn > 1_000_000_000 ? expireIn * 1000 : requestedAt + expireIn * 1000;
}
