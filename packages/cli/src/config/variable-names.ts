import { secretNames, variableNames } from '@shopee-webhook/runtime';
import type { Environment } from '../output/shell.ts';

/** Read by docker-compose, Caddy or the command line. */
const ofOthers = [
  'DOMAIN',
  'PUBLISH_FORWARDER',
  'FORWARDER_PUBLISHED_PORT',
  'WORKER_PUBLISHED_PORT',
  'HTTP_PUBLISHED_PORT',
  'HTTPS_PUBLISHED_PORT',
  'GRAFANA_PASSWORD',
  'GRAFANA_PUBLISHED_PORT',
  'PROMETHEUS_PUBLISHED_PORT',
  'FORWARDER_URL',
];

/** Names that other receivers and earlier checkouts use, and what to set instead. */
const otherNames: Readonly<Record<string, string>> = {
  HOST_API: 'HOST',
  PORT: 'FORWARDER_PORT and WORKER_PORT',
  SHOPEE_PARTNER_ID: 'PARTNER_ID',
  SHOPEE_PARTNER_KEY: 'PARTNER_KEY',
  SHOPEE_PUSH_KEY: 'WEBHOOK_PARTNER_KEY',
  PUSH_PARTNER_KEY: 'WEBHOOK_PARTNER_KEY',
  SHOPEE_SHOP_ID: 'SHOP_ID',
  SHOPEE_ACCESS_TOKEN: 'ACCESS_TOKEN',
  SHOPEE_REFRESH_TOKEN: 'REFRESH_TOKEN',
  CALLBACK_URL: 'WEBHOOK_URL',
  REDIS_URL: 'REDIS_HOST, REDIS_PORT, REDIS_USERNAME, REDIS_PASSWORD and REDIS_TLS',
  REDIS_PREFIX: 'REDIS_KEY_PREFIX',
  QUEUE_PREFIX: 'REDIS_KEY_PREFIX',
  REDIS_DB: 'nothing: database 0 is used; move what waits in another one with shopee-webhook migrate',
  NUM_WORKERS: 'REDIS_NUM_WORKERS',
  CONCURRENCY: 'REDIS_NUM_WORKERS',
  MAX_RETRIES: 'REDIS_MAX_RETRIES',
  GOOGLE_APPLICATION_CREDENTIALS: 'GOOGLE_CREDENTIALS_JSON',
  GOOGLE_CREDENTIALS_PATH: 'GOOGLE_CREDENTIALS_JSON',
  GOOGLE_SERVICE_ACCOUNT: 'GOOGLE_CREDENTIALS_JSON',
  SHEET_ID: 'SPREADSHEET_ID',
  GOOGLE_SHEET_ID: 'SPREADSHEET_ID',
  BOT_TOKEN: 'TELEGRAM_BOT_TOKEN',
  CHAT_ID: 'TELEGRAM_CHAT_ID',
  GLITCHTIP_DSN: 'SENTRY_DSN',
  DASHBOARD_API_KEY: 'DASHBOARD_PASSWORD',
};

const known = new Set([...variableNames, ...secretNames.map((name) => `${name}_FILE`), ...ofOthers]);
/** What only our variables begin with; `HOST` and `LOG` begin others too. */
const prefixes =
  /^(?:SHOPEE|SHOP|PARTNER|WEBHOOK|FORWARD(?:ER)?|WORKER|REDIS|TELEGRAM|GOOGLE|SHEETS|SPREADSHEET|DASHBOARD)_/;
/** What container platforms set for each service they know: `REDIS_PORT_6379_TCP_ADDR`. */
const ofPlatforms = /_(?:SERVICE|PORT)_|_TCP$/;

/** Set variables that nothing reads: names of other receivers, and misspelled ones with the nearest known name. */
export function nameWarnings(env: Environment): string[] {
  return Object.entries(env).flatMap(([name, value]) => {
    if (known.has(name) || (value?.trim() ?? '') === '') return [];
    const current = otherNames[name];
    if (current !== undefined) return [`${name} is not read: set ${current}`];
    if (ofPlatforms.test(name)) return [];
    const near = nearest(name);
    if (near === undefined && !prefixes.test(name)) return [];
    return [`${name} is not read${near === undefined ? '' : `: did you mean ${near}?`}`];
  });
}

const maxLength = 40;

function nearest(name: string): string | undefined {
  if (name.length < 6 || name.length > maxLength) return undefined;
  const [closest] = [...known]
    .map((candidate) => ({ candidate, distance: distanceOf(name.toUpperCase(), candidate) }))
    .toSorted((one, other) => one.distance - other.distance);
  return closest !== undefined && closest.distance <= 2 ? closest.candidate : undefined;
}

/** Levenshtein's distance: how many letters to insert, delete or replace. */
function distanceOf(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [at, letter] of Array.from(from).entries()) {
    const next = [at + 1];
    for (let column = 0; column < to.length; column += 1) {
      const replaced = (row[column] ?? 0) + (letter === to[column] ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
