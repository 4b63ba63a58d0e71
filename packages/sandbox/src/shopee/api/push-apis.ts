import type { JsonObject } from '../data/json.ts';
import { VerificationFailedError, type PushSender } from '../push/push-sender.ts';
import type { Api, Call } from './api.ts';
import { ApiError, invalidParameter } from './api-errors.ts';

// The codes that set_app_push_config documents; for others it is not known what Shopee says.
const documented = Array.from({ length: 13 }, (_, index) => index + 1);

/** Push configuration and the pushes that Shopee gave up on; all without token and shop. */
export function pushApis(pushes: PushSender): Api[] {
  return [
    {
      method: 'GET',
      path: '/push/get_app_push_config',
      kind: 'public',
      handle: () => ({ response: configOf(pushes) }),
    },
    { method: 'POST', path: '/push/set_app_push_config', kind: 'public', handle: (call) => setConfig(pushes, call) },
    { method: 'GET', path: '/push/get_lost_push_message', kind: 'public', handle: (call) => lostPage(pushes, call) },
    {
      method: 'POST',
      path: '/push/confirm_consumed_lost_push_message',
      kind: 'public',
      handle: (call) => confirm(pushes, call),
    },
  ];
}

function configOf(pushes: PushSender): JsonObject {
  const { callbackUrl, blockedShops, off } = pushes.config;
  const suspendedTime = pushes.health.suspendedTime;
  return {
    callback_url: callbackUrl,
    live_push_status: pushes.health.status(),
    ...(suspendedTime === undefined ? {} : { suspended_time: suspendedTime }),
    blocked_shop_id: blockedShops,
    push_config_on_list: documented.filter((code) => !off.includes(code)),
    push_config_off_list: documented.filter((code) => off.includes(code)),
  };
}

async function setConfig(pushes: PushSender, call: Call): Promise<JsonObject> {
  const { config } = pushes;
  const on = codesIn(call, 'set_push_config_on');
  const off = codesIn(call, 'set_push_config_off');
  const blocked = numbersIn(call, 'blocked_shop_id_list');
  if ((blocked ?? []).length > 500) throw invalidParameter('blocked_shop_id_list allows 500 shops');
  const url = call.body['callback_url'] ?? config.callbackUrl;
  if (url === '')
    throw new ApiError('error_param', "Your app's callback_url is empty, please set the callback_url first.");
  if (typeof url !== 'string' || !isWebUrl(url))
    throw new ApiError('error_param', 'this callback_url is invalid, please check.');
  if (call.body['callback_url'] !== undefined) await verify(pushes, url);
  config.callbackUrl = url;
  config.off = [...new Set([...config.off, ...(off ?? [])])].filter((code) => !(on ?? []).includes(code));
  if (blocked !== undefined) config.blockedShops = blocked;
  // Subscribing again is what ends a suspension.
  if (pushes.health.status() === 'Suspended') pushes.health.reset();
  return { response: { result: 'success' } };
}

async function verify(pushes: PushSender, url: string): Promise<void> {
  try {
    await pushes.verify(url);
  } catch (cause) {
    const text =
      cause instanceof VerificationFailedError
        ? 'Shopee have sent a test push to this call back url, but the response code we get from this callback_url is not 2xx code, please check your service.'
        : "Shopee have sent a test push to this call back url, but we didn't get any response in 3 seconds with 2xx code, please check your service.";
    throw new ApiError('error_param', text);
  }
}

/** Takes no parameters but the common ones: there is no cursor. */
function lostPage(pushes: PushSender, call: Call): JsonObject {
  const extra = Object.keys(call.query).find((name) => !['partner_id', 'timestamp', 'sign'].includes(name));
  if (extra !== undefined) throw invalidParameter(`there is no parameter ${extra}`);
  return { response: pushes.lost.page(), warning: '' };
}

function confirm(pushes: PushSender, call: Call): JsonObject {
  const id = call.body['last_message_id'];
  if (typeof id !== 'number' || !Number.isInteger(id)) throw invalidParameter('last_message_id must be an integer');
  pushes.lost.confirm(id);
  return { warning: '' };
}

function codesIn(call: Call, name: string): number[] | undefined {
  const codes = numbersIn(call, name);
  const unknown = codes?.find((code) => !documented.includes(code));
  if (unknown !== undefined) throw invalidParameter(`${name} has no code ${unknown}`);
  return codes;
}

function numbersIn(call: Call, name: string): number[] | undefined {
  const value = call.body[name];
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || !value.every((entry) => Number.isInteger(entry)))
    throw invalidParameter(`${name} must be a list of integers`);
  return value as number[];
}

function isWebUrl(url: string): boolean {
  return /^https?:$/.test(URL.parse(url)?.protocol ?? '');
}
