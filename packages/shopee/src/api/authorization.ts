import { systemClock } from './clock.ts';
import { getAuthorizationHost, stripTrailingSlash } from './hosts.ts';
import { signRequest } from './request-signature.ts';

/** What an authorization link is made of. */
export interface AuthorizationRequest {
  /** The API's base URL; the authorization page's host follows from it. */
  apiUrl: string;
  partnerId: string;
  /** Where Shopee sends the seller back to, with `code` and `shop_id` or `main_account_id`. */
  redirectUrl: string;
  /** Comes back with the seller, to be compared. */
  state?: string;
  purpose?: 'authorize' | 'cancel';
  /** `page` is today's unsigned form; `signed` the older one, valid for five minutes. */
  form?: 'page' | 'signed';
  /** Needed for the signed form. */
  partnerKey?: string;
  /** Milliseconds. */
  now?: () => number;
}

/** The link on which a seller gives this app access to a shop, or takes it away (Shopee guide 20). */
export function authorizationUrl(request: AuthorizationRequest): string {
  return request.form === 'signed' ? signedForm(request) : pageForm(request);
}

function pageForm({ apiUrl, partnerId, redirectUrl, state, purpose = 'authorize' }: AuthorizationRequest): string {
  const url = new URL(`${getAuthorizationHost(apiUrl)}/${purpose === 'cancel' ? 'cancel_auth' : 'auth'}`);
  url.searchParams.set('partner_id', partnerId);
  url.searchParams.set('auth_type', 'seller');
  url.searchParams.set('redirect_uri', redirectUrl);
  url.searchParams.set('response_type', 'code');
  if (state !== undefined) url.searchParams.set('state', state);
  return url.href;
}

function signedForm(request: AuthorizationRequest): string {
  const { apiUrl, partnerId, partnerKey, state, purpose = 'authorize', now = systemClock.wallMs } = request;
  if (partnerKey === undefined) throw new TypeError('the signed form needs the partner key');
  const path = purpose === 'cancel' ? '/api/v2/shop/cancel_auth_partner' : '/api/v2/shop/auth_partner';
  const timestamp = Math.floor(now() / 1000);
  // This form knows no state of its own: it travels in the redirect's query.
  const redirect = new URL(request.redirectUrl);
  if (state !== undefined) redirect.searchParams.set('state', state);

  const url = new URL(`${stripTrailingSlash(apiUrl)}${path}`);
  url.searchParams.set('partner_id', partnerId);
  url.searchParams.set('timestamp', String(timestamp));
  url.searchParams.set('sign', signRequest(partnerKey, { partnerId, path, timestamp }));
  url.searchParams.set('redirect', redirect.href);
  return url.href;
}
