import { readFileSync } from 'node:fs';
import { commonEnv, ConfigError, httpUrl, portsEnv, readEnv, redisEnv } from '@shopee-webhook/runtime';
import { z } from 'zod';
import type { Environment } from '../output/shell.ts';

const required = z.string();

/** What both services need; each checks its own part in full when it starts. */
const Env = z.object({
  ...commonEnv,
  ...redisEnv,
  ...portsEnv,
  WEBHOOK_PARTNER_KEY: required,
  WEBHOOK_URL: httpUrl.optional(),
  PUBLIC_URL: httpUrl.optional(),
  FORWARD_WEBHOOK_URL: httpUrl.optional(),
  GOOGLE_CREDENTIALS_JSON: required.refine(
    isServiceAccount,
    'must be the key file of a service account that can be read',
  ),
  SPREADSHEET_ID: required,
  DASHBOARD_PASSWORD: z.string().min(8, 'must have at least 8 characters').optional(),
});

/** Settings that belong together: all of a line, or none. */
const variableGroups = [
  ['SHOP_ID', 'ACCESS_TOKEN', 'REFRESH_TOKEN'],
  ['TELEGRAM_BOT_TOKEN', 'TELEGRAM_CHAT_ID'],
  ['REDIS_SENTINELS', 'REDIS_SENTINEL_MASTER'],
] as const;

/** What is missing or wrong, each by the variable's name and without its value. */
export function configErrors(env: Environment): string[] {
  const isSet = (name: string) => (env[name]?.trim() ?? '') !== '';
  const incomplete = variableGroups
    .filter((names) => names.some((name) => isSet(name)) && !names.every((name) => isSet(name)))
    .map((names) => `${names.join(', ')} belong together: set all, or none`);
  try {
    readEnv(Env, env);
    return incomplete;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const [, ...errors] = error.message.split('\n');
    return [...errors.map((fault) => fault.trim()), ...incomplete];
  }
}

/** What works but is seldom meant. */
export function configWarnings(env: Environment): string[] {
  const isSet = (name: string) => (env[name]?.trim() ?? '') !== '';
  return [
    ...(isSet('WEBHOOK_URL') ? [] : ['WEBHOOK_URL is not set: the callback URL is guessed from each request']),
    ...(isSet('PUBLIC_URL') ? [] : ['PUBLIC_URL is not set: no shop can be connected in the browser']),
    ...(isSet('TELEGRAM_BOT_TOKEN') ? [] : ['TELEGRAM_BOT_TOKEN is not set: no alerts']),
    ...(env['REDIS_ENABLED']?.trim() === 'false'
      ? ['REDIS_ENABLED is false: events go over HTTP, one worker only']
      : []),
    ...(env['REDIS_ALLOW_UNSAFE']?.trim() === 'true' ? ['REDIS_ALLOW_UNSAFE is true: a crash may lose pushes'] : []),
  ];
}

const KeyFile = z.object({ client_email: z.string(), private_key: z.string().includes('PRIVATE KEY') });

export interface ServiceAccount {
  email: string;
  privateKey: string;
}

/** The service account that GOOGLE_CREDENTIALS_JSON holds or names; undefined when it is not usable. */
export function readServiceAccount(pathOrJson: string): ServiceAccount | undefined {
  try {
    const text = pathOrJson.trimStart().startsWith('{') ? pathOrJson : readFileSync(pathOrJson, 'utf8');
    const { client_email: email, private_key: key } = KeyFile.parse(JSON.parse(text));
    return { email, privateKey: key.replaceAll(String.raw`\n`, '\n') };
  } catch {
    // The reasons quote the text, which holds a key.
    return undefined;
  }
}

function isServiceAccount(pathOrJson: string): boolean {
  return readServiceAccount(pathOrJson) !== undefined;
}
