import {
  commonEnv,
  ConfigError,
  httpUrl,
  portsEnv,
  readEnv,
  readServiceAccount,
  redisEnv,
  type ServiceAccount,
} from '@shopee-webhook/runtime';
import { z } from 'zod';
import type { Environment } from '../output/shell.ts';

const required = z.string();

/** Variables that both services need; each service validates its own in full at startup. */
const Env = z.object({
  ...commonEnv,
  ...redisEnv,
  ...portsEnv,
  WEBHOOK_PARTNER_KEY: required,
  WEBHOOK_URL: httpUrl.optional(),
  PUBLIC_URL: httpUrl.optional(),
  FORWARD_WEBHOOK_URL: httpUrl.optional(),
  GOOGLE_CREDENTIALS_JSON: required.refine(isServiceAccount, 'must be a readable service account key file'),
  SPREADSHEET_ID: required,
  DASHBOARD_PASSWORD: z.string().min(8, 'must have at least 8 characters').optional(),
});

/** Variables that must be set together. */
const variableGroups = [
  ['SHOP_ID', 'ACCESS_TOKEN', 'REFRESH_TOKEN'],
  ['TELEGRAM_BOT_TOKEN', 'TELEGRAM_CHAT_ID'],
  ['REDIS_SENTINELS', 'REDIS_SENTINEL_MASTER'],
] as const;

/** Missing and invalid variables, by name, without values. */
export function configErrors(env: Environment): string[] {
  const isSet = (name: string) => (env[name]?.trim() ?? '') !== '';
  const incomplete = variableGroups
    .filter((names) => names.some((name) => isSet(name)) && !names.every((name) => isSet(name)))
    .map((names) => `${names.join(', ')}: set all of them, or none`);
  try {
    readEnv(Env, env);
    return incomplete;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const [, ...errors] = error.message.split('\n');
    return [...errors.map((fault) => fault.trim()), ...incomplete];
  }
}

/** Valid settings that are rarely intended. */
export function configWarnings(env: Environment): string[] {
  const isSet = (name: string) => (env[name]?.trim() ?? '') !== '';
  return [
    ...(isSet('WEBHOOK_URL') ? [] : ['WEBHOOK_URL is not set: the callback URL is derived from each request']),
    ...(isSet('PUBLIC_URL') ? [] : ['PUBLIC_URL is not set: shops cannot be connected in the browser']),
    ...(isSet('TELEGRAM_BOT_TOKEN') ? [] : ['TELEGRAM_BOT_TOKEN is not set: no Telegram alerts']),
    ...(env['REDIS_ENABLED']?.trim() === 'false'
      ? ['REDIS_ENABLED is false: events are sent over HTTP, to a single worker']
      : []),
    ...(env['REDIS_ALLOW_UNSAFE']?.trim() === 'true' ? ['REDIS_ALLOW_UNSAFE is true: a crash may lose pushes'] : []),
  ];
}

/** The service account in GOOGLE_CREDENTIALS_JSON, a path or the JSON itself; undefined when unusable. */
export function toServiceAccount(pathOrJson: string): ServiceAccount | undefined {
  try {
    return readServiceAccount(pathOrJson);
  } catch {
    return undefined;
  }
}

function isServiceAccount(pathOrJson: string): boolean {
  return toServiceAccount(pathOrJson) !== undefined;
}
