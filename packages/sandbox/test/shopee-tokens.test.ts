import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { createShopee, type ShopeeOptions } from '../src/shopee/create-shopee.ts';
import type { Shopee } from '../src/shopee/shopee.ts';
import { at, Caller, type Body } from './shopee-caller.ts';

const sg = 700_000_001;
const my = 700_000_002;
const open: Shopee[] = [];
let clock = 0;

async function start(options: ShopeeOptions = {}): Promise<{ shopee: Shopee; caller: Caller }> {
  clock = Date.now();
  const shopee = await createShopee({ now: () => clock, ...options });
  open.push(shopee);
  return { shopee, caller: new Caller(shopee) };
}

/** Lets that many seconds pass for the fake. */
function pass(seconds: number): void {
  clock += seconds * 1000;
}

afterEach(async () => {
  for (const shopee of open.splice(0)) await shopee.close();
});

async function info(caller: Caller): Promise<unknown> {
  const response = await caller.send('/shop/get_shop_info', { timestamp: Math.floor(clock / 1000) });
  return at(await response.json(), 'error');
}

async function openPost(caller: Caller, path: string, body: Body): Promise<Body> {
  const response = await caller.send(path, { body, open: true, timestamp: Math.floor(clock / 1000) });
  return (await response.json()) as Body;
}

function refresh(caller: Caller, refreshToken: string, shopId = sg): Promise<Body> {
  return openPost(caller, '/auth/access_token/get', {
    refresh_token: refreshToken,
    partner_id: 1_000_001,
    shop_id: shopId,
  });
}

function exchange(caller: Caller, body: Body): Promise<Body> {
  return openPost(caller, '/auth/token/get', { partner_id: 1_000_001, ...body });
}

describe('access tokens', () => {
  it('live four hours', async () => {
    const { caller } = await start();
    pass(14_399);
    expect(await info(caller)).toBe('');
    pass(1);
    expect(await info(caller)).toBe('invalid_acceess_token');
  });

  it('work five more minutes after they were replaced', async () => {
    const { caller } = await start();
    const old = caller.accessToken;
    expect(await refresh(caller, caller.refreshToken)).toMatchObject({ error: '', shop_id: sg, expire_in: 14_400 });
    pass(299);
    expect(await info(caller)).toBe('');
    pass(1);
    expect(caller.accessToken).toBe(old);
    expect(await info(caller)).toBe('invalid_acceess_token');
  });

  it('do not live longer through the grace time', async () => {
    const { caller } = await start();
    pass(14_300);
    await refresh(caller, caller.refreshToken);
    pass(100);
    expect(await info(caller)).toBe('invalid_acceess_token');
  });

  it('can be given an end as a point in time', async () => {
    const { caller } = await start({ settings: { absoluteExpireIn: true } });
    const response = await refresh(caller, caller.refreshToken);
    expect(response['expire_in']).toBe(Math.floor(clock / 1000) + 14_400);
  });

  it('end at once when they are revoked, and a refresh gives a good one', async () => {
    const { shopee, caller } = await start();
    shopee.tokens.expireAccess(sg);
    expect(await info(caller)).toBe('invalid_acceess_token');
    const pair = await refresh(caller, caller.refreshToken);
    caller.accessToken = String(pair['access_token']);
    expect(await info(caller)).toBe('');
  });
});

describe('refresh tokens', () => {
  it('rotate: each gives a new pair', async () => {
    const { caller } = await start();
    const first = await refresh(caller, caller.refreshToken);
    const second = await refresh(caller, String(first['refresh_token']));
    const all = [caller.refreshToken, first['refresh_token'], second['refresh_token']];
    expect(new Set(all).size).toBe(3);
    caller.accessToken = String(second['access_token']);
    expect(await info(caller)).toBe('');
  });

  it('give the same new pair when sent again within four hours', async () => {
    const { caller } = await start();
    const first = await refresh(caller, caller.refreshToken);
    pass(14_399);
    const again = await refresh(caller, caller.refreshToken);
    expect(again).toMatchObject({ access_token: first['access_token'], refresh_token: first['refresh_token'] });
    expect(again['expire_in']).toBe(1);
    pass(1);
    expect(await refresh(caller, caller.refreshToken)).toMatchObject({
      error: 'error_auth',
      message: 'Invalid refresh_token.',
    });
  });

  it('are not given again once the new pair was used in its turn', async () => {
    const { caller } = await start();
    const first = await refresh(caller, caller.refreshToken);
    await refresh(caller, String(first['refresh_token']));
    expect(await refresh(caller, caller.refreshToken)).toMatchObject({ error: 'error_auth' });
  });

  it('work only once when the settings say so', async () => {
    const { caller } = await start({ settings: { resendRefresh: false } });
    await refresh(caller, caller.refreshToken);
    expect(await refresh(caller, caller.refreshToken)).toMatchObject({ error: 'error_auth' });
  });

  it('live thirty days', async () => {
    const { caller } = await start();
    pass(30 * 86_400);
    expect(await refresh(caller, caller.refreshToken)).toMatchObject({ error: 'refresh_token_expired' });
  });

  it('are rejected for another shop, another partner, and when unknown', async () => {
    const { caller } = await start();
    expect(await refresh(caller, caller.refreshToken, my)).toMatchObject({ error: 'error_shop_refresh_token' });
    expect(await refresh(caller, 'f'.repeat(32))).toMatchObject({
      error: 'error_auth',
      message: 'Invalid refresh_token.',
    });
    const body = { refresh_token: caller.refreshToken, partner_id: 2, shop_id: sg };
    expect(await openPost(caller, '/auth/access_token/get', body)).toMatchObject({ error: 'error_auth' });
  });

  it('are rejected when the ids are texts, missing, or two', async () => {
    const { caller } = await start();
    const given = { refresh_token: caller.refreshToken, partner_id: 1_000_001 };
    const wrong = [
      given,
      { ...given, shop_id: String(sg) },
      { ...given, shop_id: sg, merchant_id: 800_001 },
      { ...given, refresh_token: '', shop_id: sg },
    ];
    for (const body of wrong) {
      expect(await openPost(caller, '/auth/access_token/get', body)).toMatchObject({ error: 'error_param' });
    }
  });

  it('can be ended with everything else of the shop', async () => {
    const { shopee, caller } = await start();
    shopee.tokens.expireRefresh(sg);
    expect(await info(caller)).toBe('invalid_acceess_token');
    expect(await refresh(caller, caller.refreshToken)).toMatchObject({ error: 'error_auth' });
  });
});

describe('an authorization', () => {
  it('that the shop took back ends tokens at once', async () => {
    const { shopee, caller } = await start();
    await shopee.deauthorize(sg);
    expect(await info(caller)).toBe('shop_no_linked');
    expect(await refresh(caller, caller.refreshToken)).toMatchObject({ error: 'shop_no_linked' });
  });

  it('ends after the days that the seller chose', async () => {
    const { shopee, caller } = await start({ lifetimes: { access: 30 * 86_400 } });
    shopee.tokens.authorize(sg, 7);
    pass(7 * 86_400 - 1);
    expect(await info(caller)).toBe('');
    pass(1);
    expect(await info(caller)).toBe('shop_access_expired');
  });

  it('is missing for shops that never gave one', async () => {
    const { shopee, caller } = await start({ authorized: [my] });
    expect(await info(caller)).toBe('shop_no_linked');
    expect(await info(new Caller(shopee, my))).toBe('');
  });
});

describe('the authorization page', () => {
  const callback = 'https://app.example.com/auth/shopee/callback?own=1';
  const formA = (url: string, changes: Record<string, string> = {}) => {
    const query = {
      partner_id: '1000001',
      auth_type: 'seller',
      redirect_uri: callback,
      response_type: 'code',
      state: 'st&te',
      ...changes,
    };
    return `${url}/auth?${new URLSearchParams(query).toString()}`;
  };
  const formB = (shopee: Shopee, timestamp = Math.floor(clock / 1000), key = shopee.app.partnerKey) => {
    const sign = createHmac('sha256', key).update(`1000001/api/v2/shop/auth_partner${timestamp}`).digest('hex');
    const query = { partner_id: '1000001', timestamp: String(timestamp), sign, redirect: callback };
    return `${shopee.url}/api/v2/shop/auth_partner?${new URLSearchParams(query).toString()}`;
  };

  /** Presses the page's button with that choice, and gives the redirect. */
  async function press(shopee: Shopee, pageUrl: string, who: string): Promise<URL> {
    const page = await (await fetch(pageUrl)).text();
    const fields = [...page.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)];
    const form = new URLSearchParams(
      fields.map(([, name = '', value = '']): [string, string] => [name, value.replaceAll('&#38;', '&')]),
    );
    expect(page).toContain(`value="${who}"`);
    form.set('who', who);
    form.set('days', '30');
    const response = await fetch(`${shopee.url}/_sandbox/authorize`, {
      method: 'POST',
      body: form,
      redirect: 'manual',
    });
    expect(response.status).toBe(302);
    return new URL(response.headers.get('location') ?? '');
  }

  it('sends the seller back with code, shop and state', async () => {
    const { shopee, caller } = await start({ authorized: [] });
    const target = await press(shopee, formA(shopee.url), `shop:${sg}`);
    expect(target.origin + target.pathname).toBe('https://app.example.com/auth/shopee/callback');
    expect(Object.fromEntries(target.searchParams)).toMatchObject({ own: '1', shop_id: String(sg), state: 'st&te' });
    const code = target.searchParams.get('code');
    const pair = await exchange(caller, { code, shop_id: sg });
    expect(pair).toMatchObject({ error: '', expire_in: 14_400, access_token: expect.any(String) });
    expect(pair).not.toHaveProperty('shop_id_list');
    caller.accessToken = String(pair['access_token']);
    expect(await info(caller)).toBe('');
    const { authTime = 0, expireTime = 0 } = shopee.tokens.authorizations.get(sg) ?? {};
    expect(expireTime - authTime).toBe(30 * 86_400);
  });

  it('knows the older signed form, without a state of its own', async () => {
    const { shopee } = await start();
    const target = await press(shopee, formB(shopee), `shop:${my}`);
    expect(target.searchParams.get('shop_id')).toBe(String(my));
    expect(target.searchParams.has('state')).toBe(false);
  });

  it('rejects the signed form with a wrong signature or after five minutes', async () => {
    const { shopee } = await start();
    const wrong = await fetch(formB(shopee, Math.floor(clock / 1000), 'wrong'));
    expect([wrong.status, await wrong.text()]).toEqual([400, expect.stringContaining('Wrong sign.')]);
    const late = await fetch(formB(shopee, Math.floor(clock / 1000) - 301));
    expect([late.status, await late.text()]).toEqual([400, expect.stringContaining('Timestamp is expired.')]);
  });

  it.each([
    ['another partner', { partner_id: '2' }],
    ['another kind of account', { auth_type: 'buyer' }],
    ['another response type', { response_type: 'token' }],
    ['a redirect that is no URL', { redirect_uri: 'javascript:alert(1)' }],
  ])('rejects %s', async (_what, changes) => {
    const { shopee } = await start();
    expect((await fetch(formA(shopee.url, changes))).status).toBe(400);
  });

  it("keeps redirects within the console's domain once there is one", async () => {
    const { shopee } = await start({ settings: { redirectDomain: 'example.com' } });
    expect((await fetch(formA(shopee.url))).status).toBe(200);
    expect((await fetch(formA(shopee.url, { redirect_uri: 'https://badexample.com/' }))).status).toBe(400);
  });

  it('gives a main account one code for all its shops and merchants', async () => {
    const { shopee, caller } = await start({ authorized: [] });
    const target = await press(shopee, formA(shopee.url), 'main:60001');
    expect(target.searchParams.get('main_account_id')).toBe('60001');
    expect(target.searchParams.has('shop_id')).toBe(false);
    const code = target.searchParams.get('code');
    const pair = await exchange(caller, { code, main_account_id: 60_001 });
    expect(pair).toMatchObject({ shop_id_list: [sg, my], merchant_id_list: [800_001] });
    const refreshToken = String(pair['refresh_token']);
    const [forSg, forMy] = [await refresh(caller, refreshToken, sg), await refresh(caller, refreshToken, my)];
    expect([forSg['shop_id'], forMy['shop_id']]).toEqual([sg, my]);
    expect(forSg['access_token']).not.toBe(forMy['access_token']);
    const merchant = { refresh_token: refreshToken, partner_id: 1_000_001, merchant_id: 800_001 };
    expect(await openPost(caller, '/auth/access_token/get', merchant)).toMatchObject({
      error: '',
      merchant_id: 800_001,
    });
  });

  it('has codes that work once, for ten minutes, and with the id they came with', async () => {
    const { shopee, caller } = await start();
    const codeOf = async () => (await press(shopee, formA(shopee.url), `shop:${sg}`)).searchParams.get('code');
    const used = await codeOf();
    await exchange(caller, { code: used, shop_id: sg });
    expect(await exchange(caller, { code: used, shop_id: sg })).toMatchObject({ error: 'invalid_code' });
    const wrongShop = await codeOf();
    expect(await exchange(caller, { code: wrongShop, shop_id: my })).toMatchObject({ error: 'invalid_shop_id' });
    expect(await exchange(caller, { code: wrongShop, main_account_id: 60_001 })).toMatchObject({
      error: 'invalid_main_acount_id',
    });
    expect(await exchange(caller, { code: wrongShop, shop_id: sg })).toMatchObject({ error: '' });
    const late = await codeOf();
    pass(600);
    expect(await exchange(caller, { code: late, shop_id: sg })).toMatchObject({ error: 'invalid_code' });
    expect(await exchange(caller, { code: 'x', shop_id: sg })).toMatchObject({
      error: 'error_auth',
      message: 'Invalid code',
    });
    expect(await exchange(caller, { code: 'x', partner_id: 2, shop_id: sg })).toMatchObject({ error: 'error_auth' });
    expect(await exchange(caller, { code: 'x' })).toMatchObject({ error: 'error_param' });
    expect(await exchange(caller, { code: 'x', shop_id: sg, main_account_id: 60_001 })).toMatchObject({
      error: 'error_param',
    });
  });

  it('revokes access on the cancel page', async () => {
    const { shopee, caller } = await start();
    const page = await fetch(formA(shopee.url).replace('/auth?', '/cancel_auth?'));
    expect(await page.text()).toContain(`value="shop:${sg}"`);
    const form = new URLSearchParams({ redirect: callback, who: `shop:${sg}` });
    const response = await fetch(`${shopee.url}/_sandbox/cancel`, { method: 'POST', body: form, redirect: 'manual' });
    expect(response.headers.get('location')).toContain(`shop_id=${sg}`);
    expect(await info(caller)).toBe('shop_no_linked');
  });
});
