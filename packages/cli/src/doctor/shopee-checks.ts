import { commonEnv, commaList, readEnv } from '@shopee-webhook/runtime';
import { ShopeeClient, ShopeeError, signPush, type ShopeeErrorKind } from '@shopee-webhook/shopee';
import type { ShopTokens } from '@shopee-webhook/store';
import { z } from 'zod';
import { sampleFor } from '../input/samples.ts';
import type { Environment } from '../output/shell.ts';
import { openTokenStore } from '../clients/shops.ts';
import { callTimeoutMs, valueOf, type Check, type Finding } from './finding.ts';

type Line = Omit<Finding, 'area'>;

const { PARTNER_ID, PARTNER_KEY, SHOPEE_API_URL, ORDER_EVENT_CODES } = commonEnv;
const Env = z.object({ PARTNER_ID, PARTNER_KEY, SHOPEE_API_URL });

const actions: Partial<Record<ShopeeErrorKind, string>> = {
  'retry-later': 'check SHOPEE_API_URL and whether this machine gets out; try again later',
  'retry-tomorrow': 'the daily limit is used up; it begins anew at 00:00 UTC+8',
  configuration: 'check PARTNER_ID, PARTNER_KEY and the IP whitelist in the console, and that SHOPEE_API_URL is their host',
  reauthorize: 'connect the shop again: shopee-webhook shops connect',
  'refresh-token': 'the worker renews the token; if this stays: shopee-webhook shops connect',
};

/** A call that is signed with the partner key alone. */
export const checkShopee: Check = async ({ env }) => {
  const client = clientOf(env);
  if (client === undefined) return [missingApp];
  return withShopeeErrors(async () => {
    const shops = await client.getShopsByPartner();
    return [
      {
        level: 'ok',
        text: `the host answers and takes our signature; ${String(shops.length)} shops authorised the app`,
      },
    ];
  });
};

/** Each shop's authorisation; nothing is refreshed, for refresh tokens work once. */
export const checkShops: Check = async ({ env, redis }) => {
  const client = clientOf(env);
  if (client === undefined) return [missingApp];
  const shops = await openTokenStore(env, redis).list();
  if (shops.length === 0) {
    const seeded = valueOf(env, 'SHOP_ID') !== undefined;
    if (seeded)
      return [{ level: 'warn', text: 'the worker has not taken the tokens of .env yet', action: 'start the worker' }];
    return [{ level: 'fail', text: 'no shop is connected', action: 'shopee-webhook shops connect' }];
  }
  return (await Promise.all(shops.map((shop) => checkShop(client, shop)))).flat();
};

async function checkShop(client: ShopeeClient, shop: ShopTokens): Promise<Line[]> {
  const name = `shop ${shop.shopId}`;
  const action = actions.reauthorize;
  if (shop.state !== 'active')
    return [{ level: 'fail', text: `${name} is ${shop.state}: ${shop.reason ?? 'no reason'}`, action }];
  if (shop.refreshExpiresAt < Date.now())
    return [{ level: 'fail', text: `${name}: its refresh token is too old`, action }];
  if (shop.accessExpiresAt < Date.now()) {
    return [
      {
        level: 'warn',
        text: `${name}: its access token is to be renewed`,
        action: 'the worker does it; is it running?',
      },
    ];
  }
  return withShopeeErrors(async () => {
    const info = await client.getShopInfo({ shopId: shop.shopId, accessToken: shop.accessToken });
    const days = info.expire_time === undefined ? Infinity : (info.expire_time * 1000 - Date.now()) / 86_400_000;
    const soon: Line[] =
      days < 14 ? [{ level: 'warn', text: `${name}: authorised for ${days.toFixed(0)} more days`, action }] : [];
    return [{ level: 'ok', text: `${name} (${info.shop_name ?? 'no name'}) answers` }, ...soon];
  });
}

/** How Shopee pushes, and whether the callback URL answers as it must. */
export const checkPush: Check = async ({ env }) => {
  const client = clientOf(env);
  const url = valueOf(env, 'WEBHOOK_URL');
  const config = client === undefined ? [missingApp] : await withShopeeErrors(() => configLines(client, env));
  if (url === undefined) return [...config, { level: 'skip', text: 'WEBHOOK_URL is not set: not called' }];
  return [...config, ...(await checkCallback(url, env))];
};

async function configLines(client: ShopeeClient, env: Environment): Promise<Line[]> {
  const url = valueOf(env, 'WEBHOOK_URL');
  const { callbackUrl, status, enabledCodes } = await client.getPushConfig();
  const codes = ORDER_EVENT_CODES.parse(valueOf(env, 'ORDER_EVENT_CODES'));
  const off = codes.filter((code) => !enabledCodes.includes(code));
  return [
    url === undefined || callbackUrl === url
      ? { level: 'ok', text: `the callback URL at Shopee is ${callbackUrl ?? 'not set'}` }
      : {
          level: 'fail',
          text: `WEBHOOK_URL is not the callback URL at Shopee, ${callbackUrl ?? 'which is not set'}`,
          action: 'make them the same, byte for byte: Shopee signs its own',
        },
    status === undefined || status === 'normal'
      ? { level: 'ok', text: 'Shopee sends pushes' }
      : {
          level: 'fail',
          text: `Shopee calls this app's pushes «${status}»`,
          action: 'too many failed: mend what is below, then turn them on in the console',
        },
    off.length === 0
      ? { level: 'ok', text: `codes ${codes.join(', ')} are turned on` }
      : {
          level: 'fail',
          text: `push codes ${off.join(', ')} are turned off`,
          action: 'console → Push Mechanism → turn them on',
        },
  ];
}

/** Sends the verification push that the console's button sends. */
async function checkCallback(url: string, env: Environment): Promise<Line[]> {
  const key = commaList.parse(valueOf(env, 'WEBHOOK_PARTNER_KEY') ?? valueOf(env, 'PARTNER_KEY') ?? '')[0] ?? '';
  // Anything else that is signed would be taken for an event.
  const body = sampleFor(0) ?? '{"code":0,"data":{"verify_info":"doctor"}}';
  const headers = { 'content-type': 'application/json', authorization: signPush(key, url, body) };
  const response = await fetch(url, {
    method: 'POST',
    headers,
    body,
    redirect: 'manual',
    signal: AbortSignal.timeout(callTimeoutMs),
  }).catch(() => undefined);
  const plain: Line[] = url.startsWith('https:')
    ? []
    : [
        {
          level: 'warn',
          text: 'WEBHOOK_URL is not https',
          action: 'let Caddy get a certificate, or use a proxy that has one',
          link: 'docs/setup.md#2-the-server-an-address-with-https',
        },
      ];
  if (response === undefined) {
    return [
      ...plain,
      {
        level: 'fail',
        text: 'WEBHOOK_URL does not answer from here',
        action: 'check the domain, the proxy, the firewall, and that the forwarder runs',
      },
    ];
  }
  const { status } = response;
  const length = (await response.text()).length;
  if (status >= 300 && status < 400) {
    return [
      ...plain,
      {
        level: 'fail',
        text: `WEBHOOK_URL redirects (${String(status)}), and Shopee does not follow`,
        action: 'use the address it leads to',
      },
    ];
  }
  if (status !== 200)
    return [
      ...plain,
      {
        level: 'fail',
        text: `WEBHOOK_URL answers ${String(status)}`,
        action: 'does the proxy pass it to the forwarder?',
      },
    ];
  if (length > 0)
    return [
      ...plain,
      {
        level: 'fail',
        text: 'WEBHOOK_URL answers with a body',
        action: 'Shopee wants an empty one: is it our forwarder?',
      },
    ];
  return [...plain, { level: 'ok', text: 'WEBHOOK_URL answers 200 with an empty body' }];
}

const missingApp: Line = { level: 'skip', text: 'PARTNER_ID or PARTNER_KEY is missing' };

function clientOf(env: Environment): ShopeeClient | undefined {
  if (valueOf(env, 'PARTNER_ID') === undefined || valueOf(env, 'PARTNER_KEY') === undefined) return undefined;
  const read = readEnv(Env, env);
  return new ShopeeClient({
    partnerId: read.PARTNER_ID,
    partnerKey: read.PARTNER_KEY,
    baseUrl: read.SHOPEE_API_URL,
    timeoutMs: callTimeoutMs,
  });
}

function actionFor({ code, kind }: ShopeeError): Pick<Line, 'action' | 'link'> {
  if (code !== 'source_ip_undeclared') return { action: actions[kind] };
  const action = 'add this address to the app’s IP whitelist in the console';
  return { action, link: 'docs/setup.md#1-shopee-the-app' };
}

async function withShopeeErrors(check: () => Promise<Line[]>): Promise<Line[]> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof ShopeeError)) throw error;
    return [{ level: 'fail', text: error.message, ...actionFor(error) }];
  }
}
