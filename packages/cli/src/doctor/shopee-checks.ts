import { commonEnv, commaList, readEnv, systemClock } from '@shopee-webhook/runtime';
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
  'retry-later': 'check SHOPEE_API_URL and outbound connections; try again later',
  'retry-tomorrow': 'the daily limit is exhausted; it resets at 00:00 UTC+8',
  configuration:
    'check PARTNER_ID, PARTNER_KEY and the IP whitelist in the console, and that SHOPEE_API_URL is the right host',
  reauthorize: 'reconnect the shop: shopee-webhook shops connect',
  'refresh-token': 'the worker refreshes the token; if this persists: shopee-webhook shops connect',
};

/** A call signed with the partner key alone. */
export const checkShopee: Check = async ({ env }) => {
  const client = clientOf(env);
  if (client === undefined) return [missingApp];
  return withShopeeErrors(async () => {
    const shops = await client.getShopsByPartner();
    return [
      {
        level: 'ok',
        text: `the API accepts our signature; ${String(shops.length)} shops authorized the app`,
      },
    ];
  });
};

/** Each shop's authorization; nothing is refreshed, since refresh tokens work once. */
export const checkShops: Check = async ({ env, redis }) => {
  const client = clientOf(env);
  if (client === undefined) return [missingApp];
  const shops = await openTokenStore(env, redis).list();
  if (shops.length === 0) {
    const seeded = valueOf(env, 'SHOP_ID') !== undefined;
    if (seeded)
      return [
        { level: 'warn', text: 'the worker has not imported the tokens of .env yet', action: 'start the worker' },
      ];
    return [{ level: 'fail', text: 'no shop connected', action: 'shopee-webhook shops connect' }];
  }
  return (await Promise.all(shops.map((shop) => checkShop(client, shop)))).flat();
};

async function checkShop(client: ShopeeClient, shop: ShopTokens): Promise<Line[]> {
  const name = `shop ${shop.shopId}`;
  const action = actions.reauthorize;
  if (shop.state !== 'active')
    return [{ level: 'fail', text: `${name} is ${shop.state}: ${shop.reason ?? 'unknown reason'}`, action }];
  if (shop.refreshExpiresAt < systemClock.wallMs())
    return [{ level: 'fail', text: `${name}: the refresh token has expired`, action }];
  if (shop.accessExpiresAt < systemClock.wallMs()) {
    return [
      {
        level: 'warn',
        text: `${name}: the access token needs a refresh`,
        action: 'the worker refreshes it; is it running?',
      },
    ];
  }
  return withShopeeErrors(async () => {
    const info = await client.getShopInfo({ shopId: shop.shopId, accessToken: shop.accessToken });
    const days =
      info.expire_time === undefined ? Infinity : (info.expire_time * 1000 - systemClock.wallMs()) / 86_400_000;
    const soon: Line[] =
      days < 14 ? [{ level: 'warn', text: `${name}: authorized for ${days.toFixed(0)} more days`, action }] : [];
    return [{ level: 'ok', text: `${name} (${info.shop_name ?? 'no name'}) is accessible` }, ...soon];
  });
}

/** The push configuration at Shopee, and whether the callback URL responds correctly. */
export const checkPush: Check = async ({ env }) => {
  const client = clientOf(env);
  const url = valueOf(env, 'WEBHOOK_URL');
  const config = client === undefined ? [missingApp] : await withShopeeErrors(() => configLines(client, env));
  if (url === undefined) return [...config, { level: 'skip', text: 'WEBHOOK_URL is not set: not tested' }];
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
          action: 'make them identical: Shopee signs its own',
        },
    status === undefined || status === 'normal'
      ? { level: 'ok', text: 'push delivery is normal' }
      : {
          level: 'fail',
          text: `push status at Shopee: ${status}`,
          action: 'too many pushes failed: fix the causes below, then re-enable pushes in the console',
        },
    off.length === 0
      ? { level: 'ok', text: `codes ${codes.join(', ')} are enabled` }
      : {
          level: 'fail',
          text: `push codes ${off.join(', ')} are disabled`,
          action: 'enable them under console → Push Mechanism',
        },
  ];
}

/** Sends the verification push that the console's button sends. */
async function checkCallback(url: string, env: Environment): Promise<Line[]> {
  const key = commaList.parse(valueOf(env, 'WEBHOOK_PARTNER_KEY') ?? valueOf(env, 'PARTNER_KEY') ?? '')[0] ?? '';
  // Anything else with a valid signature would be processed as an event.
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
          action: 'let Caddy obtain a certificate, or use a proxy that has one',
          link: 'docs/setup.md#2-the-server-an-address-with-https',
        },
      ];
  if (response === undefined) {
    return [
      ...plain,
      {
        level: 'fail',
        text: 'WEBHOOK_URL does not respond from here',
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
        text: `WEBHOOK_URL redirects (${String(status)}), and Shopee does not follow redirects`,
        action: 'use the URL it redirects to',
      },
    ];
  }
  if (status !== 200)
    return [
      ...plain,
      {
        level: 'fail',
        text: `WEBHOOK_URL responds with ${String(status)}`,
        action: 'check that the proxy passes it to the forwarder',
      },
    ];
  if (length > 0)
    return [
      ...plain,
      {
        level: 'fail',
        text: 'WEBHOOK_URL responds with a body',
        action: 'Shopee expects an empty one: is it our forwarder?',
      },
    ];
  return [...plain, { level: 'ok', text: 'WEBHOOK_URL responds 200 with an empty body' }];
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
