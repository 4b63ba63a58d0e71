import type { JsonObject } from '../data/json.ts';
import type { ShopeeSettings } from '../data/settings.ts';
import type { Api, Call } from './api.ts';
import type { App } from './request-validator.ts';
import { ApiError, invalidParameter } from './api-errors.ts';
import type { Owner, TokenStore, TokenPair } from './token-store.ts';

/** Codes and tokens; the responses have no `response` around them. */
export function authApis(app: App, tokens: TokenStore, settings: ShopeeSettings): Api[] {
  const expiresIn = (pair: TokenPair, now: number) =>
    settings.absoluteExpireIn
      ? Math.floor(pair.accessExpires / 1000)
      : Math.max(0, Math.floor(pair.accessExpires / 1000 - now));
  const tokenResponse = (pair: TokenPair, now: number) => ({
    access_token: pair.accessToken,
    refresh_token: pair.refreshToken,
    expire_in: expiresIn(pair, now),
  });

  function exchange(call: Call): JsonObject {
    checkPartner(app, call);
    const code = textOf(call, 'code');
    const shopId = idOf(call, 'shop_id');
    const mainAccountId = idOf(call, 'main_account_id');
    if ((shopId === undefined) === (mainAccountId === undefined))
      throw invalidParameter('either shop_id or main_account_id');
    const pair = tokens.exchange(code, {
      ...(shopId === undefined ? {} : { shopId }),
      ...(mainAccountId === undefined ? {} : { mainAccountId }),
    });
    if (mainAccountId === undefined) return tokenResponse(pair, call.now);
    return {
      shop_id_list: idsOf(pair, 'shop:'),
      merchant_id_list: idsOf(pair, 'merchant:'),
      ...tokenResponse(pair, call.now),
    };
  }

  function refresh(call: Call): JsonObject {
    checkPartner(app, call);
    const refreshToken = textOf(call, 'refresh_token');
    const shopId = idOf(call, 'shop_id');
    const merchantId = idOf(call, 'merchant_id');
    if ((shopId === undefined) === (merchantId === undefined)) throw invalidParameter('either shop_id or merchant_id');
    const owner: Owner = shopId === undefined ? `merchant:${merchantId ?? 0}` : `shop:${shopId}`;
    const pair = tokens.refresh(refreshToken, owner, settings.resendRefresh);
    const id = shopId === undefined ? { merchant_id: merchantId } : { shop_id: shopId };
    return { partner_id: app.partnerId, ...id, ...tokenResponse(pair, call.now) };
  }

  return [
    { method: 'POST', path: '/auth/token/get', kind: 'public', handle: exchange },
    { method: 'POST', path: '/auth/access_token/get', kind: 'public', handle: refresh },
  ];
}

function checkPartner(app: App, call: Call): void {
  if (call.body['partner_id'] === app.partnerId) return;
  throw new ApiError('error_auth', 'Invalid partner_id or shopid.');
}

function textOf(call: Call, name: string): string {
  const value = call.body[name];
  if (typeof value !== 'string' || value === '') throw invalidParameter(`missing ${name}`);
  return value;
}

/** Ids in bodies are numbers: Shopee's documentation types them int. */
function idOf(call: Call, name: string): number | undefined {
  const value = call.body[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value)) throw invalidParameter(`${name} must be an integer`);
  return value;
}

function idsOf(pair: TokenPair, kind: 'shop:' | 'merchant:'): number[] {
  return pair.owners.filter((owner) => owner.startsWith(kind)).map((owner) => Number(owner.slice(kind.length)));
}
