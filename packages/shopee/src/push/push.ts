import { isRecord, parseJson } from './json.ts';

/** What Shopee sends to the callback URL. */
export interface Push {
  code: number;
  /** The shop it is about; partner-level pushes (code 12, some of 1 and 2) name none or several. */
  shopId: string | undefined;
  /** When it was sent, unix seconds. */
  timestamp: number | undefined;
  /** On real pushes, but empty for chat, and the same for every test push of the console. */
  msgId: string | undefined;
  /** Of a push without `data`, what else its envelope holds. */
  data: Record<string, unknown>;
  /** The exact text that came in. */
  raw: string;
}

/** What is not about the event itself. */
const envelopeFields = new Set(['code', 'shop_id', 'shopid', 'partner_id', 'timestamp', 'msg_id']);

/** A body that is not a push: invalid UTF-8 or JSON, not an object, or without an integer code. */
export class MalformedPushError extends Error {
  override name = 'MalformedPushError';
}

/** Reads a push from the bytes that came in. Throws MalformedPushError and nothing else. */
export function parsePush(body: Uint8Array | string): Push {
  const raw = typeof body === 'string' ? body : decode(body);
  const envelope = parseEnvelope(raw);
  const code = envelope['code'];
  if (typeof code !== 'number' || !Number.isSafeInteger(code)) throw new MalformedPushError('no integer code');

  const data = parseData(envelope);
  return {
    code,
    shopId: parseShopId(envelope, data),
    timestamp: toInteger(envelope['timestamp']),
    msgId: toText(envelope['msg_id']),
    data,
    raw,
  };
}

/** The push that the console sends when the callback URL is set: code 0, no shop, never queued. */
export function isVerification(push: Push): boolean {
  return push.code === 0;
}

/** The order's number; Shopee spells it `ordersn` in codes 3, 4, 8, 30 and `order_sn` in 29, 47; 15 uses both. */
export function orderSnOf(push: Push): string | undefined {
  return toText(push.data['ordersn']) ?? toText(push.data['order_sn']);
}

/** The package's number, where the push is about one. */
export function packageNumberOf(push: Push): string | undefined {
  return toText(push.data['package_number']);
}

/** The return's number (code 29). */
export function returnSnOf(push: Push): string | undefined {
  return toText(push.data['return_sn']);
}

/** The tracking number that a push of code 4 or 24 carries. */
export function trackingNumberOf(push: Push): string | undefined {
  return toText(push.data['tracking_no']) ?? toText(push.data['tracking_number']);
}

/** When it happened, unix seconds. Codes 4, 15, 24 and 25 do not say; 29 says it per changed field. */
export function updateTimeOf(push: Push): number | undefined {
  const own = toInteger(push.data['update_time']);
  if (own !== undefined) return own;
  const times = [push.data['updated_values'], push.data['actions']]
    .flatMap((list) => (Array.isArray(list) ? list : []))
    .map((entry) => (isRecord(entry) ? toInteger(entry['update_time']) : undefined))
    .filter((time) => time !== undefined);
  return times.length > 0 ? Math.max(...times) : undefined;
}

/** Every shop a push speaks about: lists in codes 1 and 12, and only words in code 2 when a seller cancels. */
export function shopIdsOf(push: Push): string[] {
  const listed = [push.data['shop_id_list'], push.data['shop_expire_soon']].flatMap((list) =>
    Array.isArray(list) ? list.map(parseId) : [],
  );
  const ids = [push.shopId, ...listed].filter((id) => id !== undefined);
  if (ids.length === 0 && (push.code === 1 || push.code === 2)) ids.push(...shopIdsFromText(push.data['extra']));
  return [...new Set(ids)];
}

/** Longer than any such message; the rest is not searched. */
const maxTextLength = 2_000;

/** Linear in the length of the text: no two whitespace patterns can match the same characters in several ways. */
const shopIdPattern = /\bshop(?:\s*\()?\s*id:?\s*(\d+)/gi;

function shopIdsFromText(extra: unknown): string[] {
  if (typeof extra !== 'string') return [];
  const matches = extra.slice(0, maxTextLength).matchAll(shopIdPattern);
  return [...matches].flatMap(([, id]) => (id === undefined ? [] : [id]));
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(body: Uint8Array): string {
  try {
    return utf8.decode(body);
  } catch (cause) {
    throw new MalformedPushError('not UTF-8', { cause });
  }
}

function parseEnvelope(raw: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = parseJson(raw);
  } catch (cause) {
    throw new MalformedPushError('not JSON', { cause });
  }
  if (!isRecord(value)) throw new MalformedPushError('not a JSON object');
  return value;
}

function parseData({ data, ...envelope }: Record<string, unknown>): Record<string, unknown> {
  if (isRecord(data)) return data;
  if (data !== undefined && data !== null) return { value: data };
  return Object.fromEntries(Object.entries(envelope).filter(([name]) => !envelopeFields.has(name)));
}

function parseShopId(envelope: Record<string, unknown>, data: Record<string, unknown>): string | undefined {
  return [envelope['shop_id'], envelope['shopid'], data['shop_id'], data['shopid']]
    .map(parseId)
    .find((id) => id !== undefined);
}

/** An id as text; 0 and '' mean none. */
function parseId(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value > 0 ? String(value) : undefined;
  return typeof value === 'string' && /^[1-9]\d*$/.test(value) ? value : undefined;
}

function toText(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

/** Code 8 documents `update_time` as a string and samples a number. */
function toInteger(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number > 0 ? number : undefined;
}
