import { afterEach, describe, expect, it } from 'vitest';
import { createShopee, type ShopeeOptions } from '../src/shopee/create-shopee.ts';
import type { Shopee } from '../src/shopee/shopee.ts';
import { Caller } from './shopee-caller.ts';

const open: Shopee[] = [];
const shopInfo = '/shop/get_shop_info';

async function start(options: ShopeeOptions = {}): Promise<{ shopee: Shopee; caller: Caller }> {
  const shopee = await createShopee(options);
  open.push(shopee);
  return { shopee, caller: new Caller(shopee) };
}

afterEach(async () => {
  for (const shopee of open.splice(0)) await shopee.close();
});

describe('the request validator of the Shopee fake', () => {
  it('lets a well-signed call through', async () => {
    const { caller } = await start();
    expect(await caller.get(shopInfo)).toMatchObject({ error: '', shop_name: 'Kopi & Cotton SG', region: 'SG' });
  });

  it('accepts the signature that was computed by others for the same key and base string', async () => {
    const now = 1_788_220_800;
    const { shopee } = await start({
      partnerId: 1_000_001,
      partnerKey: 'test-partner-key-not-a-credential',
      now: () => now * 1000,
    });
    const sign = '350b9ff0f56ef6dad13635deeaf7c3a0e994ec55d53ae9f5a65a84ad62d7eada';
    const url = `${shopee.url}/api/v2/auth/token/get?partner_id=1000001&timestamp=${now}&sign=${sign}`;
    const response = await fetch(url, { method: 'POST', body: '{"partner_id":1000001,"code":"x","shop_id":1}' });
    expect(await response.json()).toMatchObject({ error: 'error_auth', message: 'Invalid code' });
  });

  it.each(['partner_id', 'timestamp', 'sign', 'access_token', 'shop_id'])('rejects a call without %s', async (name) => {
    const { caller } = await start();
    const response = await caller.send(shopInfo, { spoil: (query) => query.delete(name) });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ error: 'error_param', message: `There is no ${name} in query.` });
  });

  it('rejects a wrong signature', async () => {
    const { caller } = await start();
    const response = await caller.send(shopInfo, { spoil: (query) => query.set('sign', 'f'.repeat(64)) });
    expect(await response.json()).toMatchObject({ error: 'error_sign', message: 'Wrong sign.' });
  });

  it('rejects a signature over another path, another token or another shop', async () => {
    const { shopee, caller } = await start();
    const other = shopee.issueTokens(700_000_002).accessToken;
    const changes: [string, string][] = [
      ['access_token', other],
      ['shop_id', '700000002'],
    ];
    for (const [name, value] of changes) {
      const response = await caller.send(shopInfo, { spoil: (query) => query.set(name, value) });
      expect(await response.json()).toMatchObject({ error: 'error_sign' });
    }
    const query = { order_sn_list: 'x' };
    const response = await caller.send('/order/get_order_detail', {
      query,
      spoil: (given) => given.set('timestamp', '1'),
    });
    expect(await response.json()).toMatchObject({ error: 'error_param', message: 'Timestamp is expired.' });
  });

  it('rejects a public call that is signed like a shop call', async () => {
    const { caller } = await start();
    expect(await caller.get('/push/get_app_push_config')).toMatchObject({ error: 'error_sign' });
    expect(await caller.openGet('/push/get_app_push_config')).toMatchObject({ error: '' });
  });

  it('accepts a clock that is off by less than five minutes either way', async () => {
    const { caller } = await start();
    const now = Math.floor(Date.now() / 1000);
    const errorAt = async (timestamp: number) => (await caller.send(shopInfo, { timestamp })).json();
    expect(await errorAt(now - 290)).toMatchObject({ error: '' });
    expect(await errorAt(now + 290)).toMatchObject({ error: '' });
    expect(await errorAt(now - 310)).toMatchObject({ error: 'error_param', message: 'Timestamp is expired.' });
    expect(await errorAt(now + 310)).toMatchObject({ error: 'error_param', message: 'Timestamp is expired.' });
  });

  it('rejects a timestamp that is no unix second', async () => {
    const { caller } = await start();
    for (const timestamp of [Date.now(), 4_294_967_296]) {
      const response = await (await caller.send(shopInfo, { timestamp })).json();
      expect(response).toMatchObject({
        error: 'error_param',
        message: expect.stringContaining('Timestamp is invalid'),
      });
    }
  });

  it('rejects an unknown partner, an unknown shop and a shop beside a merchant', async () => {
    const { shopee, caller } = await start();
    const partner = await caller.send(shopInfo, { spoil: (query) => query.set('partner_id', '2') });
    expect(await partner.json()).toMatchObject({ error: 'invalid_partner_id' });
    const both = await caller.send(shopInfo, { query: { merchant_id: 800_001 } });
    expect(await both.json()).toMatchObject({ error: 'error_param' });
    const stranger = new Caller(shopee, 799_999_999);
    expect(await stranger.get(shopInfo)).toMatchObject({
      error: 'error_auth',
      message: 'Invalid partner_id or shopid.',
    });
  });

  it("rejects one shop's token for another shop", async () => {
    const { shopee, caller } = await start();
    const other = new Caller(shopee, 700_000_002);
    other.accessToken = caller.accessToken;
    expect(await other.get(shopInfo)).toMatchObject({ error: 'error_auth', message: 'Invalid partner_id or shopid.' });
  });

  it('rejects a token that it never gave out', async () => {
    const { caller } = await start();
    caller.accessToken = 'f'.repeat(32);
    expect(await caller.get(shopInfo)).toMatchObject({
      error: 'invalid_acceess_token',
      message: 'Invalid access_token, please have a check.',
    });
  });

  it('answers 404 for paths and methods that do not exist', async () => {
    const { caller } = await start();
    const path = await caller.send('/order/get_order_details');
    expect(path.status).toBe(404);
    const method = await caller.send('/payment/get_escrow_detail_batch', { query: { order_sn_list: 'x' } });
    expect(method.status).toBe(404);
    expect(await method.json()).toMatchObject({
      error: 'error_param',
      message: expect.stringContaining('Permission denied'),
    });
  });

  it('rejects a body that is not a JSON object', async () => {
    const { caller } = await start();
    for (const body of ['{', '[]', '"x"', '']) {
      const response = await (await caller.send('/payment/get_escrow_detail_batch', { body })).json();
      expect(response).toMatchObject({ error: 'error_param', message: 'The request body is not a valid json format' });
    }
  });

  it('limits calls a second for each shop apart', async () => {
    const now = Date.now();
    let clock = now;
    const { shopee, caller } = await start({ now: () => clock, settings: { ratePerSecond: 2 } });
    const other = new Caller(shopee, 700_000_002);
    expect(await caller.get(shopInfo)).toMatchObject({ error: '' });
    expect(await caller.get(shopInfo)).toMatchObject({ error: '' });
    expect(await caller.get(shopInfo)).toMatchObject({ error: 'error_rate_limit' });
    expect(await other.get(shopInfo)).toMatchObject({ error: '' });
    clock = now + 1000;
    expect(await caller.get(shopInfo)).toMatchObject({ error: '' });
  });

  it('limits calls a day for the whole app until 00:00 in UTC+8', async () => {
    let clock = Date.UTC(2026, 8, 1, 15, 59, 0);
    const { caller } = await start({ now: () => clock, settings: { callsPerDay: 1 } });
    const call = async () => (await caller.send(shopInfo, { timestamp: Math.floor(clock / 1000) })).json();
    expect(await call()).toMatchObject({ error: '' });
    expect(await call()).toMatchObject({
      error: 'error_limit',
      message: expect.stringContaining('00: 00 (UTC+08:00)'),
    });
    clock = Date.UTC(2026, 8, 1, 16, 0, 0);
    expect(await call()).toMatchObject({ error: '' });
  });

  it('rejects addresses that are not declared once any is', async () => {
    const { caller } = await start({ settings: { allowedIps: ['203.0.113.10'] } });
    expect(await caller.get(shopInfo)).toMatchObject({
      error: 'source_ip_undeclared',
      message: expect.stringContaining('(127.0.0.1)'),
    });
  });

  it('rejects APIs that the app type has no permission for', async () => {
    const { caller } = await start({ settings: { forbiddenApis: ['/payment/'] } });
    expect(await caller.get('/payment/get_escrow_detail', { order_sn: 'x' })).toMatchObject({
      error: 'error_api_permission',
    });
    expect(await caller.get(shopInfo)).toMatchObject({ error: '' });
  });

  it('can say success with a dash, put common. before errors, and give them an HTTP status', async () => {
    const { shopee, caller } = await start();
    shopee.settings.dashOnSuccess = true;
    expect(await caller.get(shopInfo)).toMatchObject({ error: '-', message: '-' });
    Object.assign(shopee.settings, { commonPrefix: true, statusOfError: { invalid_acceess_token: 403 } });
    caller.accessToken = 'f'.repeat(32);
    const response = await caller.send(shopInfo);
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ error: 'common.invalid_acceess_token' });
  });

  it('says beside its own words what exactly is wrong', async () => {
    const { caller } = await start();
    const response = await caller.send('/order/get_order_detail');
    expect(response.headers.get('x-sandbox-hint')).toBe('missing%20order_sn_list');
    expect(await response.json()).toMatchObject({ error: 'error_param', message: 'parameter invalid' });
  });

  it.each([200, 403])('gives every error the HTTP status %i when the settings say so', async (errorStatus) => {
    const { caller } = await start({ settings: { errorStatus } });
    expect((await caller.send('/payment/get_escrow_detail')).status).toBe(errorStatus);
    expect((await caller.send(shopInfo)).status).toBe(200);
    expect((await caller.send('/payment/get_nothing')).status).toBe(404);
  });

  it('limits calls a second by default', async () => {
    const now = Date.now();
    const { caller } = await start({ now: () => now });
    const errors: unknown[] = [];
    for (let call = 0; call < 51; call += 1) errors.push((await caller.get(shopInfo))['error']);
    expect(errors.slice(0, 50).every((error) => error === '')).toBe(true);
    expect(errors[50]).toBe('error_rate_limit');
  });

  it('waits as long as the settings say before every response', async () => {
    const { caller } = await start({ settings: { latencyMs: 120 } });
    const started = performance.now();
    await caller.get(shopInfo);
    expect(performance.now() - started).toBeGreaterThan(115);
  });
});
