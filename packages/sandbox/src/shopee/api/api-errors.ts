import type { JsonObject } from '../data/json.ts';

/** Shopee says no: `error` and `message` of the response. Comes with HTTP 200 unless said otherwise, as Shopee's do. */
export class ApiError extends Error {
  override name = 'Refusal';
  readonly error: string;
  readonly status: number;
  /** For whoever tests with the fake; Shopee's texts rarely say what exactly is wrong. */
  readonly hint: string;
  /** More keys for the response's top level. */
  readonly extra: JsonObject;

  constructor(
    error: string,
    message: string,
    { status = 200, extra = {}, hint = '' }: { status?: number; extra?: JsonObject; hint?: string } = {},
  ) {
    super(message);
    this.error = error;
    this.status = status;
    this.extra = extra;
    this.hint = hint;
  }
}

// The texts are Shopee's own, from the error lists of its API documentation (2026-08-18).
const messages: Record<string, string> = {
  error_sign: 'Wrong sign.',
  error_auth: 'Invalid access_token.',
  invalid_acceess_token: 'Invalid access_token, please have a check.',
  invalid_partner_id: 'partner_id is invalid',
  error_partner_key_expired:
    'Your API partner key has expired, please reset the Live API Partner Key in Console to get a new valid partner key to call open api.',
  error_api_permission: 'This app type has no permission to this API.',
  error_ashop_api_permission: 'The shop is Affiliate shop has no permission to call this API.',
  shop_no_linked: 'Partner and shop has no linked.',
  partner_shop_no_link: 'Partner and shop has no linked.',
  shop_banned:
    'The shop account has been banned. Permissions for shop authorization and API calls have been suspended until the shop account is restored.',
  shop_access_expired: 'Your access to shop has expired.',
  refresh_token_expired: 'Your refresh_token expired.',
  error_shop_refresh_token: 'Your refresh token is error ,please check refresh token or shopid.',
  invalid_code: 'The code is expired or used or invalid, please check the code.',
  error_rate_limit: 'Too many requests. You have reached the rate limit. Please try again later.',
  error_limit:
    'The total API call number made by your APP has reached the daily API call limit, please try again after 00: 00 (UTC+08:00)',
  error_server: 'Something wrong. Please try later.',
  error_inner: 'Something wrong. Please try later.',
  error_network: 'Inner http call failed',
  error_data: 'parse data failed',
  error_not_found: 'Wrong parameters, detail: the order is not found.',
  order_not_found: 'Order SN provided is invalid or does not belong to you. Please enter a valid Order SN.',
  exceed_max_limit: 'Your request exceeds the max limit of 50 orders.',
  'order.order_list_invalid_time': 'Start time must be earlier than end time and diff in 15days.',
  'logistics.invalid_error': 'The order is not exist.',
  'logistics.package_not_exist': 'The package is not exist.',
  'logistics.error_status_limit': 'The order status is invalid. Please check the order status.',
  invalid_main_acount_id: 'The code or main_accoount_id is wrong, please check the code or the main_account_id.',
  invalid_shop_id: 'The code or shop_id is wrong, please check the code or the shop_id.',
  'logistics.package_number_not_exist': 'Please request with package_number for this split order.',
};

/** The error with Shopee's own text for that error; a code without one gets a general text. */
export function apiError(error: string): ApiError {
  return new ApiError(error, messages[error] ?? 'Something wrong. Please try later.');
}

/** `error_param`: the request is wrong, and repeating it will not help. `hint` says how, beside Shopee's words. */
export function invalidParameter(hint: string, message = 'parameter invalid'): ApiError {
  return new ApiError('error_param', message, { hint });
}
