import type { z } from 'zod';
import { isRecord, parseJson } from '../push/json.ts';
import { malformedResponse, parseResponse, unwrap } from './response-parser.ts';
import {
  ipRangesSchema,
  type lostPushSchema,
  lostPushesSchema,
  pushConfigSchema,
  shopsByPartnerSchema,
} from './response-schemas.ts';
import type { Send } from './transport.ts';
import { integer } from './request-body.ts';

/** A push that Shopee gave up on. */
export interface LostPush {
  /** The whole original push as text, envelope included, as it would have been posted. */
  pushText: string;
  code: number | undefined;
  shopId: string | undefined;
  /** When it was given up, unix seconds. */
  lostAt: number | undefined;
}

/** The earliest 100 pushes of the last three days that were not confirmed. */
export interface LostPushPage {
  pushes: LostPush[];
  hasNextPage: boolean;
  /** A watermark: confirming it confirms everything before it. Undefined for an empty page, which must not be confirmed. */
  lastMessageId: string | undefined;
}

/** How the app receives pushes. */
export interface PushConfig {
  callbackUrl: string | undefined;
  /** `normal`, `warning` or `suspended`. */
  status: string | undefined;
  /** Unix seconds. */
  suspendedAt: number | undefined;
  blockedShopIds: string[];
  enabledCodes: number[];
  disabledCodes: number[];
}

/** What to change; Shopee sends a test push to the URL, which must be answered 2xx within 3 s. */
export interface PushConfigChange {
  callbackUrl?: string;
  enabledCodes?: readonly number[];
  disabledCodes?: readonly number[];
  /** At most 500. */
  blockedShopIds?: readonly string[];
}

/** A shop that has authorized this app; times are unix seconds. */
export interface AuthorizedShop {
  shopId: string;
  region: string | undefined;
  authorizedAt: number | undefined;
  expiresAt: number | undefined;
}

const lostPath = '/api/v2/push/get_lost_push_message';
const confirmPath = '/api/v2/push/confirm_consumed_lost_push_message';
const getConfigPath = '/api/v2/push/get_app_push_config';
const setConfigPath = '/api/v2/push/set_app_push_config';
const shopsPath = '/api/v2/public/get_shops_by_partner';
const rangesPath = '/api/v2/public/get_shopee_ip_ranges';

/** The next page of lost pushes. There is no cursor: the following page comes after this one is confirmed. */
export async function getLostPushes(send: Send): Promise<LostPushPage> {
  const page = parseResponse(lostPushesSchema, unwrap(await send({ method: 'GET', path: lostPath })), lostPath);
  const pushes = page.push_message_list.map((entry) => ({
    pushText: toPushText(entry),
    code: entry.code,
    shopId: entry.shop_id,
    lostAt: entry.timestamp,
  }));
  return {
    pushes,
    hasNextPage: page.has_next_page ?? false,
    lastMessageId: pushes.length > 0 ? page.last_message_id : undefined,
  };
}

/** Confirms every lost push up to the watermark. Call it only after all of them are stored. */
export async function confirmLostPushes(send: Send, lastMessageId: string): Promise<void> {
  await send({ method: 'POST', path: confirmPath, body: { last_message_id: integer(lastMessageId) } });
}

/** How the app receives pushes, and whether Shopee has warned or suspended it. */
export async function getPushConfig(send: Send): Promise<PushConfig> {
  const config = parseResponse(
    pushConfigSchema,
    unwrap(await send({ method: 'GET', path: getConfigPath })),
    getConfigPath,
  );
  return {
    callbackUrl: config.callback_url,
    status: config.live_push_status?.toLowerCase(),
    suspendedAt: config.suspended_time,
    blockedShopIds: config.blocked_shop_id,
    enabledCodes: config.push_config_on_list.map(Number),
    disabledCodes: config.push_config_off_list.map(Number),
  };
}

/** Changes how the app receives pushes. */
export async function setPushConfig(send: Send, change: PushConfigChange): Promise<void> {
  const body = {
    callback_url: change.callbackUrl,
    set_push_config_on: change.enabledCodes,
    set_push_config_off: change.disabledCodes,
    blocked_shop_id_list: change.blockedShopIds?.map(Number),
  };
  await send({ method: 'POST', path: setConfigPath, body });
}

/** Every shop that has authorized this app. */
export async function getShopsByPartner(send: Send): Promise<AuthorizedShop[]> {
  const shops = new Map<string, AuthorizedShop>();
  for (let pageNo = 1; ; pageNo += 1) {
    const query = { page_size: 100, page_no: pageNo };
    const response = await send({ method: 'GET', path: shopsPath, query });
    const known = shops.size;
    const page = parseResponse(shopsByPartnerSchema, unwrap(response), shopsPath);
    for (const { shop_id: shopId, region, auth_time: authorizedAt, expire_time: expiresAt } of page.authed_shop_list) {
      if (shopId !== undefined) shops.set(shopId, { shopId, region, authorizedAt, expiresAt });
    }
    if (page.more !== true || page.authed_shop_list.length === 0) return [...shops.values()];
    if (shops.size === known) throw malformedResponse('a page of shops repeats', shopsPath);
  }
}

/** The addresses that pushes come from, as CIDR ranges. */
export async function getIpRanges(send: Send): Promise<string[]> {
  return parseResponse(ipRangesSchema, unwrap(await send({ method: 'GET', path: rangesPath })), rangesPath).ip_list;
}

/** `data` is the whole original push as a JSON string; should it ever be only the inner data, the envelope is put around it. */
function toPushText(entry: z.infer<typeof lostPushSchema>): string {
  const text = typeof entry.data === 'string' ? entry.data : JSON.stringify(entry.data ?? null);
  if (isWholePush(text)) return text;
  const inner = isJson(text) ? text : JSON.stringify(text);
  const members = [`"data":${inner}`];
  if (entry.shop_id !== undefined) members.push(`"shop_id":${entry.shop_id}`);
  members.push(`"code":${entry.code ?? null}`);
  if (entry.timestamp !== undefined) members.push(`"timestamp":${entry.timestamp}`);
  return `{${members.join(',')}}`;
}

function isWholePush(text: string): boolean {
  const value = isJson(text) ? parseJson(text) : undefined;
  return isRecord(value) && typeof value['code'] === 'number';
}

function isJson(text: string): boolean {
  try {
    parseJson(text);
    return true;
  } catch {
    return false; // the question itself
  }
}
