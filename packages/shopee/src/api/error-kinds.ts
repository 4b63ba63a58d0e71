/** What to do about a failed call. */
export type ShopeeErrorKind =
  | 'refresh-token' // a fresh access token may cure it
  | 'retry-later' // a problem on the way or at Shopee's, or too many calls
  | 'retry-tomorrow' // the daily limit; `retryAt` says when
  | 'configuration' // someone must change a setting
  | 'unrouted' // nothing is served at this path: of this host, this region or this app
  | 'reauthorize' // the seller must authorize the shop again
  | 'not-found'
  | 'bad-request'; // asking again cannot help

/** What an `error` means, and whether Shopee documents it. */
export interface ErrorClassification {
  kind: ShopeeErrorKind;
  isDocumented: boolean;
}

/** What came back instead of a response. */
export interface FailedResponse {
  code: string;
  message: string;
  /** The token endpoints: there `error_auth` means a dead code or refresh token. */
  onTokenEndpoint: boolean;
  httpStatus?: number;
}

/** Shopee's `error` strings (the error lists of its API pages), by what to do. Misspelt as Shopee spells them. */
const codesByKind: Record<ShopeeErrorKind, readonly string[]> = {
  'refresh-token': ['error_auth', 'invalid_acceess_token', 'invalid_access_token', 'error_access_token'],
  'retry-later': ['error_rate_limit', 'error_server', 'error_network', 'error_data', 'error_inner'],
  'retry-tomorrow': ['error_limit'],
  configuration: [
    'error_sign',
    'invalid_partner_id',
    'error_partner_key_expired',
    'error_api_permission',
    'error_api_call_restricted',
    'api_suspended',
    'error_kyc_auth',
    'error_ashop_api_permission',
    'error_permission',
    'error_shop',
    'source_ip_undeclared',
  ],
  reauthorize: [
    'shop_no_linked',
    'merchant_no_linked',
    'invalid_shop',
    'partner_shop_no_link',
    'shop_banned',
    'shop_access_expired',
    'merchant_access_expired',
    'refresh_token_expired',
    'error_shop_refresh_token',
    'error_merchant_refresh_token',
    'invalid_code',
    'invalid_shop_id',
    'invalid_main_acount_id',
    'invalid_main_account_id',
  ],
  unrouted: [],
  'not-found': ['error_not_found', 'order_not_found', 'package_not_exist'],
  'bad-request': [
    'error_param',
    'exceed_max_limit',
    'order_list_invalid_time',
    'invalid_error',
    'package_number_not_exist',
    'error_status_limit',
  ],
};

const kindByCode = new Map(
  (Object.entries(codesByKind) as [ShopeeErrorKind, readonly string[]][]).flatMap(([kind, codes]) =>
    codes.map((code) => [code, kind] as const),
  ),
);

/** Where one `error` has several meanings, its words decide. First match wins. */
const messagePatterns: readonly { code: string; pattern: RegExp; kind: ShopeeErrorKind }[] = [
  { code: 'error_param', pattern: /timestamp is (expired|invalid)|invalid timestamp/i, kind: 'configuration' },
  { code: 'error_param', pattern: /permission denied/i, kind: 'configuration' },
  { code: 'error_param', pattern: /being allocated/i, kind: 'retry-later' },
  { code: 'error_param', pattern: /order is not (found|exist)/i, kind: 'not-found' },
  { code: 'invalid_error', pattern: /order is not (found|exist)/i, kind: 'not-found' },
  { code: 'error_data', pattern: /return you queried doesn't exist/i, kind: 'not-found' },
  { code: 'error_auth', pattern: /system error/i, kind: 'retry-later' },
  {
    code: 'error_auth',
    pattern: /no permission to current api|partner_id is invalid|app deleted/i,
    kind: 'configuration',
  },
];

/** What to do about a failure. `error` is compared with and without the `common.` or module prefix that some pages print. */
export function classifyError(failure: FailedResponse): ErrorClassification {
  const code = failure.code.trim().replace(/^.*\./, '');
  // An unknown order comes with a message; Shopee's gateway itself has none.
  if (code === 'error_not_found' && failure.httpStatus === 404 && failure.message.trim() === '') {
    return { kind: 'unrouted', isDocumented: true };
  }
  const worded = messagePatterns.find((entry) => entry.code === code && entry.pattern.test(failure.message));
  const kind = worded?.kind ?? kindByCode.get(code);
  if (kind === undefined) return { kind: guessKind(failure), isDocumented: false };
  return { kind: kind === 'refresh-token' && failure.onTokenEndpoint ? 'reauthorize' : kind, isDocumented: true };
}

/** Undocumented: which HTTP statuses Shopee uses besides 200. Unknown errors are asked again, by a caller who counts. */
function guessKind({ code, httpStatus = 200, onTokenEndpoint }: FailedResponse): ShopeeErrorKind {
  if (/not_(found|exist)$/.test(code)) return 'not-found';
  if (httpStatus === 401) return onTokenEndpoint ? 'reauthorize' : 'refresh-token';
  if (httpStatus === 403) return 'configuration';
  return httpStatus >= 400 && httpStatus < 500 && httpStatus !== 408 && httpStatus !== 429
    ? 'bad-request'
    : 'retry-later';
}
