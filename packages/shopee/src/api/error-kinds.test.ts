import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { sampleText } from '../../test/samples.ts';
import { type ShopeeErrorKind, classifyError } from './error-kinds.ts';
import { nextMidnightUtc8 } from './errors.ts';

const documented = z
  .array(z.object({ error: z.string(), message: z.string() }))
  .parse(JSON.parse(sampleText('api/errors.catalogue.json')));

const kindOf = (code: string, message = '', onTokenEndpoint = false): ShopeeErrorKind =>
  classifyError({ code, message, onTokenEndpoint }).kind;

describe('judgeError', () => {
  test('every documented error body has its classification', () => {
    const classifications = documented.map(
      ({ error, message }) => `${error} | ${message.slice(0, 32)} → ${kindOf(error, message)}`,
    );
    expect(classifications).toEqual([
      'error_sign | Wrong sign. → configuration',
      'error_param | Timestamp is expired. → configuration',
      'error_param | There is no partner_id in query. → bad-request',
      'error_auth | Invalid access_token. → refresh-token',
      'invalid_acceess_token | Invalid access_token, please hav → refresh-token',
      'error_auth | Invalid partner_id or shopid. → refresh-token',
      'error_auth | Invalid refresh_token. → refresh-token',
      'error_auth | Invalid code → refresh-token',
      'invalid_code | The code is expired or used or i → reauthorize',
      'refresh_token_expired | Your refresh_token expired. → reauthorize',
      'error_shop_refresh_token | Your refresh token is error ,ple → reauthorize',
      'shop_access_expired | Your access to shop has expired. → reauthorize',
      'shop_no_linked | Partner and shop has no linked. → reauthorize',
      'shop_banned | The shop account has been banned → reauthorize',
      'error_rate_limit | Too many requests. You have reac → retry-later',
      'error_limit | The total API call number made b → retry-tomorrow',
      'source_ip_undeclared | Request Source IP (203.0.113.10) → configuration',
      'error_partner_key_expired | Your API partner key has expired → configuration',
      'error_api_permission | This app type has no permission  → configuration',
      'error_server | Something wrong. Please try late → retry-later',
      'error_network | Inner http call failed → retry-later',
      'order.order_list_invalid_time | Start time must be earlier than  → bad-request',
      'error_not_found | Wrong parameters, detail: the or → not-found',
      'order_not_found | Order SN provided is invalid or  → not-found',
      'exceed_max_limit | Your request exceeds the max lim → bad-request',
      'logistics.invalid_error | The order is not exist. → not-found',
    ]);
  });

  test.each([
    [
      'configuration',
      'invalid_partner_id error_api_call_restricted api_suspended error_kyc_auth error_ashop_api_permission',
    ],
    [
      'reauthorize',
      'partner_shop_no_link merchant_access_expired error_merchant_refresh_token invalid_shop_id invalid_main_acount_id',
    ],
    ['retry-later', 'error_data error_inner'],
    ['refresh-token', 'invalid_access_token'],
    ['not-found', 'logistics.package_not_exist'],
    ['bad-request', 'logistics.package_number_not_exist logistics.error_status_limit'],
  ])('%s: %s', (kind, codes) => {
    for (const code of codes.split(' ')) {
      expect(classifyError({ code, message: '', onTokenEndpoint: false })).toEqual({ kind, isDocumented: true });
    }
  });

  test('every documented error is known with the prefix common. and with spaces around it', () => {
    for (const { error, message } of documented) {
      const classification = classifyError({ code: ` common.${error} `, message, onTokenEndpoint: false });
      expect(classification).toEqual({ kind: kindOf(error, message), isDocumented: true });
    }
  });

  test('error_auth is ambiguous: mostly the token, on the token endpoints the authorization, by its message the app', () => {
    expect(kindOf('error_auth', 'Invalid access_token.')).toBe('refresh-token');
    expect(kindOf('error_auth', 'Invalid refresh_token.', true)).toBe('reauthorize');
    expect(kindOf('error_auth', 'Invalid code', true)).toBe('reauthorize');
    expect(kindOf('error_auth', 'No permission to current api.')).toBe('configuration');
    expect(kindOf('error_auth', 'partner_id is invalid', true)).toBe('configuration');
    expect(kindOf('error_auth', 'System error', true)).toBe('retry-later');
  });

  test('a wrong key or limit on the token endpoints is not blamed on the authorization', () => {
    expect(kindOf('error_sign', 'Wrong sign.', true)).toBe('configuration');
    expect(kindOf('error_limit', '', true)).toBe('retry-tomorrow');
    expect(kindOf('error_server', '', true)).toBe('retry-later');
  });

  test('a tracking number that is still being allocated is asked for later', () => {
    expect(kindOf('logistics.error_param', 'The tracking number is being allocated.')).toBe('retry-later');
  });

  test('an unknown return is no error of the server', () => {
    expect(kindOf('error_data', "The return you queried doesn't exist.")).toBe('not-found');
    expect(kindOf('error_data', 'parse data failed')).toBe('retry-later');
  });

  test('an unknown error is guessed from its words and the HTTP status, and marked as a guess', () => {
    const guess = (code: string, httpStatus: number, onTokenEndpoint = false) =>
      classifyError({ code, message: '', onTokenEndpoint, httpStatus });
    expect(guess('error_of_2027', 200)).toEqual({ kind: 'retry-later', isDocumented: false });
    expect(guess('return_not_found', 200).kind).toBe('not-found');
    expect(guess('x', 503).kind).toBe('retry-later');
    expect(guess('x', 429).kind).toBe('retry-later');
    expect(guess('x', 400).kind).toBe('bad-request');
    expect(guess('x', 403).kind).toBe('configuration');
    expect(guess('x', 401).kind).toBe('refresh-token');
    expect(guess('x', 401, true).kind).toBe('reauthorize');
  });
});

test('the daily limit ends at 00:00 in UTC+8', () => {
  expect(new Date(nextMidnightUtc8(Date.UTC(2026, 10, 23, 15, 59))).toISOString()).toBe('2026-11-23T16:00:00.000Z');
  expect(new Date(nextMidnightUtc8(Date.UTC(2026, 10, 23, 16, 0))).toISOString()).toBe('2026-11-24T16:00:00.000Z');
});
