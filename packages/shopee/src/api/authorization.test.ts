import { describe, expect, test } from 'vitest';
import { authorizationUrl } from './authorization.ts';
import { apiHosts } from './hosts.ts';

const request = {
  apiUrl: apiHosts.production,
  partnerId: '1000001',
  partnerKey: 'test-partner-key-not-a-credential',
  redirectUrl: 'https://hook.example.com/auth/shopee/callback',
  state: 'a b&c',
  now: () => 1_788_220_800_999,
};

const query = (url: string) => Object.fromEntries(new URL(url).searchParams);

describe('authorizationUrl', () => {
  test('the page form is unsigned and carries the state', () => {
    expect(query(authorizationUrl(request))).toEqual({
      partner_id: '1000001',
      auth_type: 'seller',
      redirect_uri: 'https://hook.example.com/auth/shopee/callback',
      response_type: 'code',
      state: 'a b&c',
    });
  });

  test.each([
    [apiHosts.production, 'https://open.shopee.com/auth'],
    [`${apiHosts.china}/`, 'https://open.shopee.cn/auth'],
    [apiHosts.brazil, 'https://open.shopee.com.br/auth'],
    [apiHosts.sandbox, 'https://open.sandbox.test-stable.shopee.com/auth'],
    ['http://127.0.0.1:7001', 'http://127.0.0.1:7001/auth'],
  ])('of %s it is on %s', (apiUrl, page) => {
    const url = new URL(authorizationUrl({ ...request, apiUrl }));
    expect(url.origin + url.pathname).toBe(page);
    expect(new URL(authorizationUrl({ ...request, apiUrl, purpose: 'cancel' })).pathname).toBe('/cancel_auth');
  });

  test('the signed form is on the API host, with the state in the redirect', () => {
    const url = authorizationUrl({ ...request, form: 'signed' });
    expect(url).toMatch(/^https:\/\/partner\.shopeemobile\.com\/api\/v2\/shop\/auth_partner\?/);
    expect(query(url)).toEqual({
      partner_id: '1000001',
      timestamp: '1788220800',
      // The computed vector for the legacy page.
      sign: 'a4c4bea9519671abb6964ace33d082771eebf53478f69b820d0976fbd46b765c',
      redirect: 'https://hook.example.com/auth/shopee/callback?state=a+b%26c',
    });
  });

  test('the signed form needs the key', () => {
    const { partnerKey: _key, ...keyless } = request;
    expect(() => authorizationUrl({ ...keyless, form: 'signed' })).toThrow(TypeError);
  });
});
