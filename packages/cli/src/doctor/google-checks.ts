import { createSign } from 'node:crypto';
import { commaList, readServiceAccount, type ServiceAccount, systemClock } from '@shopee-webhook/runtime';
import { timeZoneOf } from '@shopee-webhook/shopee';
import type { ShopTokens } from '@shopee-webhook/store';
import { z } from 'zod';
import type { RedisLink } from '../clients/redis.ts';
import { openTokenStore } from '../clients/shops.ts';
import type { Environment } from '../output/shell.ts';
import { callTimeoutMs, valueOf, type Check, type Finding } from './finding.ts';

type Line = Omit<Finding, 'area'>;

const scope = 'https://www.googleapis.com/auth/spreadsheets';
const googleTokenUrl = 'https://oauth2.googleapis.com/token';

const Token = z.object({ access_token: z.string() });
const OAuthError = z.object({ error_description: z.string().optional(), error: z.string().optional() });
const GoogleApiError = z.object({ error: z.object({ message: z.string(), status: z.string().optional() }) });
const Alert = z.object({ title: z.string(), text: z.string() });
const Spreadsheet = z.object({
  properties: z.object({ timeZone: z.string().default('Etc/UTC') }).prefault({}),
  sheets: z.array(
    z.object({ properties: z.object({ sheetId: z.number().default(0), hidden: z.boolean().default(false) }) }),
  ),
});

/** The service account, and whether it may read and write each spreadsheet. */
export const checkGoogle: Check = async ({ env, redis }) => {
  const credentials = valueOf(env, 'GOOGLE_CREDENTIALS_JSON');
  const ids = commaList.parse(valueOf(env, 'SPREADSHEET_ID') ?? '').map((text) => text.split(':').at(-1) ?? '');
  if (credentials === undefined) return [{ level: 'skip', text: 'GOOGLE_CREDENTIALS_JSON is missing' }];
  const account = readAccount(credentials);
  if ('level' in account) return [account];
  if (ids.some((id) => id.includes('/'))) {
    const text = 'SPREADSHEET_ID is a whole address';
    return [{ level: 'fail', text, action: 'set only the part between /d/ and /edit' }];
  }
  const token = await accessToken(account, env);
  if (typeof token !== 'string') return [token];
  const shops = await openTokenStore(env, redis).list();
  const lines = await Promise.all([...new Set(ids)].map((id) => checkSheet(id, { token, account, env, shops })));
  const alerts = redis === undefined ? [] : await sheetAlerts(redis);
  return [{ level: 'ok', text: `signed in as ${account.email}` }, ...lines.flat(), ...alerts];
};

function readAccount(credentials: string): ServiceAccount | Line {
  try {
    return readServiceAccount(credentials);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (/EACCES|EPERM/.test(text)) {
      const action = 'let the user of the services read it: in Docker `chmod 644`, or give it to user 1000';
      return { level: 'fail', text, action };
    }
    if (/ENOENT|EISDIR|ENOTDIR/.test(text)) {
      const action = 'put the key file there; in Docker below config/, which is /app/config in the container';
      return { level: 'fail', text, action };
    }
    return { level: 'fail', text, action: 'download a key file of the service account, and set its path' };
  }
}

async function accessToken(account: ServiceAccount, env: Environment): Promise<string | Line> {
  const assertion = signedClaims(account);
  if (assertion === undefined)
    return {
      level: 'fail',
      text: 'the private key of the service account is invalid',
      action: 'download the key file again',
    };
  const response = await fetch(valueOf(env, 'GOOGLE_TOKEN_URL') ?? googleTokenUrl, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }),
    signal: AbortSignal.timeout(callTimeoutMs),
  });
  const body: unknown = await response.json();
  const token = Token.safeParse(body);
  if (token.success) return token.data.access_token;
  const message = OAuthError.safeParse(body).data;
  return {
    level: 'fail',
    text: `Google rejected the sign-in of ${account.email}: ${message?.error_description ?? message?.error ?? String(response.status)}`,
    action: 'create a new key for the service account; check this clock',
  };
}

/** A JWT for Google's token endpoint; undefined when the key is invalid. */
function signedClaims({ email, privateKey }: ServiceAccount): string | undefined {
  const now = Math.floor(systemClock.wallMs() / 1000);
  const claims = { iss: email, scope, aud: googleTokenUrl, iat: now, exp: now + 600 };
  const content = [{ alg: 'RS256', typ: 'JWT' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  try {
    return `${content}.${createSign('RSA-SHA256').update(content).sign(privateKey, 'base64url')}`;
  } catch {
    // OpenSSL's error text is of no help.
    return undefined;
  }
}

/** Reads the spreadsheet, and rewrites an unchanged property of its first tab. */
async function checkSheet(
  id: string,
  parts: { token: string; account: ServiceAccount; env: Environment; shops: readonly ShopTokens[] },
): Promise<Line[]> {
  const { token, account, env, shops } = parts;
  const root = (valueOf(env, 'GOOGLE_SHEETS_API_URL') ?? 'https://sheets.googleapis.com').replace(/(?<!\/)\/+$/, '');
  const call = async (path: string, payload?: unknown) => {
    const response = await fetch(`${root}/v4/spreadsheets/${encodeURIComponent(id)}${path}`, {
      method: payload === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(payload === undefined ? {} : { body: JSON.stringify(payload) }),
      signal: AbortSignal.timeout(callTimeoutMs),
    });
    const body: unknown = await response.json();
    return { status: response.status, body };
  };
  const read = await call('?fields=properties.timeZone,sheets.properties(sheetId,hidden)');
  if (read.status !== 200) return [rejectedLine(read, { id, account, verb: 'read' })];
  const { sheets, properties } = Spreadsheet.parse(read.body);
  const [first] = sheets;
  const requests = [{ updateSheetProperties: { properties: first?.properties ?? {}, fields: 'hidden' } }];
  const change = await call(':batchUpdate', { requests });
  if (change.status !== 200) return [rejectedLine(change, { id, account, verb: 'write' })];
  const assigned = assignedShops(id, valueOf(env, 'SPREADSHEET_ID') ?? '', shops);
  return [
    { level: 'ok', text: `spreadsheet ${id} is readable and writable` },
    ...assigned.flatMap((shop) => zoneLine(id, properties.timeZone, shop)),
  ];
}

/** The shops whose orders go into a spreadsheet: those named with it, or all without one of their own. */
function assignedShops(id: string, setting: string, shops: readonly ShopTokens[]): ShopTokens[] {
  const byShop = new Map(
    commaList.parse(setting).flatMap((text) => {
      const [shop = '', own] = text.split(':');
      return own === undefined ? [] : [[shop, own] as const];
    }),
  );
  return shops.filter(({ shopId }) => (byShop.size === 0 ? true : byShop.get(shopId) === id));
}

/** Dates in the sheet, and the days and months of Summary, follow the spreadsheet's zone. */
function zoneLine(id: string, zone: string, { shopId, region }: ShopTokens): Line[] {
  if (region === undefined) return [];
  const wanted = timeZoneOf(region);
  const now = systemClock.wallMs();
  if (wallClock(now, zone) === wallClock(now, wanted)) return [];
  return [
    {
      level: 'warn',
      text: `spreadsheet ${id} is in the time zone ${zone}, shop ${shopId} in ${wanted}: its days begin at another hour`,
      action: `in the spreadsheet: File → Settings → Time zone; dates are then rewritten`,
      link: 'docs/setup.md#4-google-the-sheet',
    },
  ];
}

/** The wall clock of a zone, to the minute. */
function wallClock(ms: number, timeZone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(ms);
}

/** What the workers found wrong in a spreadsheet that they still write. */
async function sheetAlerts({ redis, keys }: RedisLink): Promise<Line[]> {
  const alerts = Object.entries(await redis.hgetall(keys.alerts));
  return alerts.flatMap(([key, json]) => {
    if (!key.startsWith('sheet-') || key.includes('\n')) return [];
    const { title, text } = Alert.parse(JSON.parse(json));
    return [{ level: 'warn' as const, text: title, action: text }];
  });
}

/** From `name@project.iam.gserviceaccount.com`. */
function projectOf({ email }: ServiceAccount): string {
  return encodeURIComponent(/^[^@]*@(.+)\.iam\./.exec(email)?.[1] ?? '');
}

function rejectedLine(
  { status, body }: { status: number; body: unknown },
  { id, account, verb }: { id: string; account: ServiceAccount; verb: string },
): Line {
  const error = GoogleApiError.safeParse(body).data?.error;
  const message = error?.message ?? `HTTP ${String(status)}`;
  const text = `spreadsheet ${id}: cannot ${verb}: ${message}`;
  if (error?.status === 'FAILED_PRECONDITION') {
    const action = 'it is an Excel file: open it, choose File → Save as Google Sheets, and use the new file’s id';
    return { level: 'fail', text, action };
  }
  if (status === 404) return { level: 'fail', text, action: 'check SPREADSHEET_ID: the part of the URL after /d/' };
  if (status === 403 && /has not been used|disabled/i.test(message)) {
    return {
      level: 'fail',
      text,
      action: 'enable the Google Sheets API in the account’s project',
      link: `https://console.cloud.google.com/apis/library/sheets.googleapis.com?project=${projectOf(account)}`,
    };
  }
  const link = `https://docs.google.com/spreadsheets/d/${encodeURIComponent(id)}/edit`;
  if (status === 403)
    return { level: 'fail', text, action: `share the spreadsheet as Editor with ${account.email}`, link };
  return { level: status === 429 ? 'warn' : 'fail', text, action: 'try again later' };
}
