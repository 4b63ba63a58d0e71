import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createShopee } from '../src/shopee/create-shopee.ts';
import type { Shopee } from '../src/shopee/shopee.ts';
import { Caller } from './shopee-caller.ts';

const info = '/shop/get_shop_info';
let shopee: Shopee;
let caller: Caller;

beforeEach(async () => {
  shopee = await createShopee();
  caller = new Caller(shopee);
});

afterEach(() => shopee.close());

describe('a fault', () => {
  it('hits the next call to its path, once, and then the next', async () => {
    shopee.faults.add({ kind: 'http-500', on: '/shop/' });
    expect((await caller.send('/order/get_order_detail', { query: { order_sn_list: 'x' } })).status).not.toBe(500);
    expect((await caller.send(info)).status).toBe(500);
    expect((await caller.send(info)).status).toBe(200);
  });

  it('answers HTML like a proxy', async () => {
    shopee.faults.add({ kind: 'html-502' });
    const response = await caller.send(info);
    expect([response.status, response.headers.get('content-type')]).toEqual([502, 'text/html']);
  });

  it("answers any of Shopee's errors with its own words", async () => {
    shopee.faults.add({ kind: 'error', code: 'error_inner' });
    shopee.faults.add({ kind: 'rate-limit' });
    shopee.faults.add({ kind: 'daily-limit' });
    expect(await caller.get(info)).toMatchObject({
      error: 'error_inner',
      message: 'Something wrong. Please try later.',
    });
    expect(await caller.get(info)).toMatchObject({ error: 'error_rate_limit' });
    expect(await caller.get(info)).toMatchObject({ error: 'error_limit' });
  });

  it('ends access tokens before the call, which a refresh cures', async () => {
    shopee.faults.add({ kind: 'token-revoked' });
    expect(await caller.get(info)).toMatchObject({ error: 'invalid_acceess_token' });
    await caller.refresh();
    expect(await caller.get(info)).toMatchObject({ error: '' });
  });

  it('resets the connection without doing anything', async () => {
    shopee.faults.add({ kind: 'reset' });
    await expect(caller.refresh()).rejects.toThrow(/fetch failed|terminated/);
    expect(shopee.calls).toEqual([]);
  });

  it('loses the response to a refresh that was done, and the pair can be had by asking again', async () => {
    const before = caller.refreshToken;
    shopee.faults.add({ kind: 'response-lost', on: '/auth/access_token/get' });
    await expect(caller.refresh()).rejects.toThrow(/fetch failed|terminated/);
    expect(shopee.calls).toMatchObject([{ path: '/api/v2/auth/access_token/get', error: '' }]);
    expect(await caller.refresh()).toMatchObject({ error: '' });
    expect(caller.refreshToken).not.toBe(before);
  });

  it('tears the response in the middle', async () => {
    shopee.faults.add({ kind: 'torn' });
    await expect(caller.get(info)).rejects.toThrow(/fetch failed|terminated/);
  });

  it('answers late: before or after the work', async () => {
    for (const kind of ['slow', 'late'] as const) {
      shopee.faults.add({ kind, ms: 100 });
      const started = performance.now();
      expect(await caller.get(info)).toMatchObject({ error: '' });
      expect(performance.now() - started).toBeGreaterThan(95);
    }
  });

  it('hangs until its time is up, or for good', async () => {
    shopee.faults.add({ kind: 'hang', ms: 60 });
    await expect(caller.get(info)).rejects.toThrow(/fetch failed|terminated/);
    shopee.faults.add({ kind: 'hang' });
    const signal = AbortSignal.timeout(100);
    await expect(fetch(`${shopee.url}/api/v2${info}`, { signal })).rejects.toThrow(/timeout/i);
  });

  it('is set and cleared over HTTP', async () => {
    const post = (body: unknown) =>
      fetch(`${shopee.url}/_sandbox/faults`, { method: 'POST', body: JSON.stringify(body) });
    expect(await (await post([{ kind: 'http-500', times: 3 }, { kind: 'reset' }])).json()).toEqual({ pending: 2 });
    expect((await caller.send(info)).status).toBe(500);
    expect(await (await post({ clear: true })).json()).toEqual({ pending: 0 });
    expect((await caller.send(info)).status).toBe(200);
    expect((await post({ kind: 'flood' })).status).toBe(400);
  });
});
