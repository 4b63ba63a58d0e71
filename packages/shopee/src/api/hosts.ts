/** The API's hosts (Shopee guide 16). The old sandbox, partner.test-stable.shopeemobile.com, answers `error_sign` to right signatures. */
export const apiHosts = {
  production: 'https://partner.shopeemobile.com',
  china: 'https://openplatform.shopee.cn',
  brazil: 'https://openplatform.shopee.com.br',
  sandbox: 'https://openplatform.sandbox.test-stable.shopee.sg',
  'sandbox-china': 'https://openplatform.sandbox.test-stable.shopee.cn',
} as const;

/** Where a seller gives an app access, by the API's host. */
const authorizationHosts: Record<string, string> = {
  [apiHosts.production]: 'https://open.shopee.com',
  [apiHosts.china]: 'https://open.shopee.cn',
  [apiHosts.brazil]: 'https://open.shopee.com.br',
  [apiHosts.sandbox]: 'https://open.sandbox.test-stable.shopee.com',
  [apiHosts['sandbox-china']]: 'https://open.sandbox.test-stable.shopee.cn',
};

/** The authorization pages' host that belongs to an API host; a fake serves both itself. */
export function getAuthorizationHost(apiUrl: string): string {
  const base = stripTrailingSlash(apiUrl);
  return authorizationHosts[base] ?? base;
}

/** A base URL without its trailing slashes. */
export function stripTrailingSlash(url: string): string {
  return url.replace(/(?<!\/)\/+$/, '');
}
