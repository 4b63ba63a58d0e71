import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TokenStore } from '@shopee-webhook/store';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { createShopee, type Shopee } from '../../sandbox/src/index.ts';
import { createAuthorizationState } from '@shopee-webhook/shopee';
import { ShopAuthorization } from '../src/shops/shop-authorization.ts';
import { get, logIn, password, post } from './dashboard/rig.ts';
import { environment, redisOf, runForwarder, type TestForwarder } from './helpers.ts';

const publicUrl = 'http://127.0.0.1:8000';
let shopee: Shopee;
let running: TestForwarder;
const redis = redisOf(inject('redisPort'));

beforeAll(async () => {
  shopee = await createShopee({ authorized: [] });
});
afterAll(async () => {
  await shopee.close();
  redis.disconnect();
});

beforeEach(async () => {
  shopee.faults.clear();
  running = await runForwarder(
    environment(inject('redisPort'), {
      PARTNER_ID: String(shopee.app.partnerId),
      PARTNER_KEY: shopee.app.partnerKey,
      SHOPEE_API_URL: shopee.url,
      PUBLIC_URL: publicUrl,
      DASHBOARD_PASSWORD: password,
    }),
  );
});
afterEach(() => running.forwarder.stop());

function tokenStore(): TokenStore {
  return new TokenStore({ redis, keys: running.keys, dataDir: running.config.dataDir });
}

function connect(): ShopAuthorization {
  const { partnerId, partnerKey, apiUrl } = running.config.shopee;
  const unused = () => Promise.reject(new Error('not called'));
  return new ShopAuthorization({
    shopee: { exchangeCode: unused, refreshTokens: unused, getShopInfo: unused },
    tokens: tokenStore(),
    partner: { id: partnerId, key: partnerKey },
    apiUrl,
    publicUrl,
    logger: running.log.logger,
  });
}

/** What the seller does in the browser: opens the link, chooses, confirms; returns where Shopee redirects to. */
async function confirm(link: string, who: string): Promise<URL> {
  const shown = await fetch(link);
  expect(shown.status).toBe(200);
  expect(await shown.text()).toContain('<form');
  const given = new URL(link);
  const form = new URLSearchParams({ who, days: '30' });
  form.set('redirect', given.searchParams.get('redirect_uri') ?? given.searchParams.get('redirect') ?? '');
  const state = given.searchParams.get('state');
  if (state !== null) form.set('state', state);
  const response = await fetch(`${shopee.url}/_sandbox/authorize`, { method: 'POST', body: form, redirect: 'manual' });
  expect(response.status).toBe(302);
  return new URL(response.headers.get('location') ?? '');
}

/** Shopee's redirect, in the browser that has the cookie of its own link. */
async function comeBack(url: URL, cookie = `shopee_webhook_authorization=${url.searchParams.get('state') ?? ''}`) {
  const response = await running.forwarder.app.inject({
    url: `${url.pathname}${url.search}`,
    headers: { cookie: `other=1; ${cookie}` },
  });
  return { status: response.statusCode, location: decodeURIComponent(String(response.headers.location)) };
}

test.each(['page', 'signed'] as const)(
  'a seller connects a shop by the %s form, and its tokens and name are kept',
  async (form) => {
    const back = await confirm(connect().link('authorize', form).url, 'shop:700000001');
    expect(await comeBack(back)).toEqual({ status: 303, location: '/dashboard/shops?connected=700000001' });
    expect(await tokenStore().get('700000001')).toMatchObject({
      state: 'active',
      shopName: 'Kopi & Cotton SG',
      region: 'SG',
      authorizationExpiresAt: expect.any(Number),
    });
    expect(running.log.lines.every((line) => !JSON.stringify(line).includes('code='))).toBe(true);
  },
);

test('a shop is listed as connected at once, whatever was known before', async () => {
  const cookie = await logIn(running.forwarder);
  const listed = async () => (await get(running.forwarder, '/api/shops', { cookie })).json<unknown>();
  expect(await listed()).toMatchObject({ shops: [] });
  await comeBack(await confirm(connect().link().url, 'shop:700000001'));
  expect(await listed()).toMatchObject({ shops: [{ shop: '700000001', state: 'active' }] });
});

test('a main account connects all its shops, each with a pair of its own', async () => {
  const back = await confirm(connect().link().url, 'main:60001');
  expect(back.searchParams.get('main_account_id')).toBe('60001');
  expect((await comeBack(back)).location).toBe('/dashboard/shops?connected=700000001,700000002');
  const [one, two] = await Promise.all(['700000001', '700000002'].map((shop) => tokenStore().get(shop)));
  expect(one?.refreshToken).toBeDefined();
  expect(one?.refreshToken).not.toBe(two?.refreshToken);
});

test('a link that was not made here is rejected, and no code is exchanged', async () => {
  const link = new URL(connect().link().url);
  link.searchParams.set('state', createAuthorizationState('another-key'));
  const exchanges = () => shopee.calls.filter(({ path }) => path.includes('/auth/token/get')).length;
  const before = exchanges();
  const { status, location } = await comeBack(await confirm(link.href, 'shop:700000001'));
  expect(status).toBe(303);
  expect(location).toBe('/dashboard/shops?problem=invalid-link');
  expect(exchanges()).toBe(before);
});

test('a link is good once', async () => {
  const back = await confirm(connect().link().url, 'shop:700000003');
  await comeBack(back);
  expect((await comeBack(back)).location).toBe('/dashboard/shops?problem=used-link');
});

test('a code that was used already is rejected', async () => {
  const back = await confirm(connect().link().url, 'shop:700000003');
  await comeBack(back);
  back.searchParams.set('state', connect().link().state);
  expect((await comeBack(back)).location).toBe('/dashboard/shops?problem=used-code');
});

test('a link is good in the browser that it was made for only; one of the command line in any', async () => {
  const cookie = await logIn(running.forwarder);
  const made = await post(running.forwarder, '/api/shops/connect', {}, { cookie });
  const setCookie = String(made.headers['set-cookie']);
  expect(setCookie).toMatch(/HttpOnly; SameSite=Lax/);
  const back = await confirm(made.json<{ url: string }>().url, 'shop:700000001');
  expect((await comeBack(back, '')).location).toBe('/dashboard/shops?problem=other-browser');
  expect((await comeBack(back, setCookie.split(';')[0])).location).toBe('/dashboard/shops?connected=700000001');
  const own = await confirm(connect().link().url, 'shop:700000001');
  own.searchParams.set('state', createAuthorizationState(shopee.app.partnerKey, Date.now(), 'cli'));
  expect((await comeBack(own, '')).location).toBe('/dashboard/shops?connected=700000001');
});

test('a callback without a code says that nothing was confirmed', async () => {
  const url = new URL(`${publicUrl}/auth/shopee/callback?state=${createAuthorizationState(shopee.app.partnerKey)}`);
  expect((await comeBack(url)).location).toBe('/dashboard/shops?problem=not-confirmed');
});

test('a shop whose name cannot be read now is connected all the same', async () => {
  shopee.faults.add({ kind: 'http-500', on: 'get_shop_info', times: 9 });
  const back = await confirm(connect().link().url, 'shop:700000004');
  expect((await comeBack(back)).location).toBe('/dashboard/shops?connected=700000004');
  expect(await tokenStore().get('700000004')).toMatchObject({ state: 'active' });
});

test('a shop that is disconnected leaves no token, neither in Redis nor in the file', async () => {
  const shop = '700000001';
  await comeBack(await confirm(connect().link().url, `shop:${shop}`));
  const secrets = await tokenStore().get(shop);
  const cookie = await logIn(running.forwarder);
  const response = await post(running.forwarder, `/api/shops/${shop}/disconnect`, {}, { cookie });
  expect(response.json()).toMatchObject({ shops: [{ shop, state: 'revoked', name: 'Kopi & Cotton SG' }] });
  const redisHas = JSON.stringify(await redis.hgetall(running.keys.tokens(shop)));
  const fileHas = readFileSync(join(running.config.dataDir, 'tokens.json'), 'utf8');
  for (const secret of [secrets?.accessToken ?? '', secrets?.refreshToken ?? '']) {
    expect(secret).not.toBe('');
    expect(redisHas).not.toContain(secret);
    expect(fileHas).not.toContain(secret);
  }
});

test('tokens of a connected shop are in the file as well, readable by its owner alone', async () => {
  const { statSync } = await import('node:fs');
  await comeBack(await confirm(connect().link().url, 'shop:700000001'));
  expect(statSync(join(running.config.dataDir, 'tokens.json')).mode & 0o777).toBe(0o600);
});
