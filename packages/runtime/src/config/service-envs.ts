import { z } from 'zod';
import {
  booleanFlag,
  commaList,
  commonEnv,
  httpUrl,
  portsEnv,
  redisEnv,
  redisRules,
  together,
  wholeNumber,
} from './env-schemas.ts';
import { parseOverdueDays } from './overdue-days.ts';
import { readServiceAccount } from './service-account.ts';
import { parseSpreadsheets } from './spreadsheets.ts';
import { telegramEnv, telegramRule } from './telegram-env.ts';

/** Messages in flight over all consumers: enough to fill the next flush while one is in progress. */
const defaultMaxInFlight = 2000;

const forwarderShape = {
  ...commonEnv,
  ...redisEnv,
  ...portsEnv,
  WEBHOOK_PARTNER_KEY: commaList.pipe(z.array(z.string()).min(1, 'must name at least one key')),
  WEBHOOK_URL: httpUrl.optional(),
  FORWARD_WEBHOOK_URL: httpUrl,
  REDIS_MAX_RETRIES: wholeNumber(3),
  ...telegramEnv,
  DASHBOARD_PASSWORD: z.string().min(8, 'must have at least 8 characters').optional(),
  PUBLIC_URL: httpUrl.optional(),
  TRUSTED_PROXIES: commaList.default([]),
};

const workerShape = {
  ...commonEnv,
  ...redisEnv,
  ...portsEnv,
  WORKER_ID: z
    .string()
    .trim()
    .regex(/^[\w.:-]{1,100}$/, 'may hold letters, digits and . : _ -')
    .optional(),
  REDIS_NUM_WORKERS: wholeNumber(3, 1),
  REDIS_MAX_RETRIES: wholeNumber(3),
  WORKER_BATCH_SIZE: wholeNumber(50, 1),
  SCHEDULED_JOBS: booleanFlag(true),
  PUBLIC_URL: httpUrl.optional(),
  WORKER_MAX_IN_FLIGHT: wholeNumber(defaultMaxInFlight, 1),
  GOOGLE_CREDENTIALS_JSON: z.string().transform((text, context) => {
    try {
      return readServiceAccount(text);
    } catch (error) {
      const message = error instanceof Error ? error.message.replace(/^GOOGLE_CREDENTIALS_JSON /, '') : 'is not usable';
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    }
  }),
  SPREADSHEET_ID: commaList.transform((parts, context) => {
    const spreadsheets = parseSpreadsheets(parts);
    if (spreadsheets !== undefined) return spreadsheets;
    context.addIssue({
      code: 'custom',
      message: 'must be one id (of an address only the part between /d/ and /edit), or a list of shopid:spreadsheetid',
    });
    return z.NEVER;
  }),
  GOOGLE_SHEETS_API_URL: httpUrl.optional(),
  GOOGLE_TOKEN_URL: httpUrl.optional(),
  SHEETS_ROTATE: z.enum(['never', 'year', 'month'], 'must be never, year or month').default('never'),
  SHEETS_SUMMARY: booleanFlag(true),
  PAYOUT_OVERDUE_DAYS: commaList
    .transform((parts, context) => {
      const days = parseOverdueDays(parts);
      if (days !== undefined) return days;
      context.addIssue({ code: 'custom', message: 'must be days, or a list like 7,BR:14' });
      return z.NEVER;
    })
    .prefault('7'),
};

const shopNames = ['SHOP_ID', 'ACCESS_TOKEN', 'REFRESH_TOKEN'] as const;
const shopRule = [
  (env: Partial<Record<(typeof shopNames)[number], string | undefined>>) =>
    new Set(shopNames.map((name) => env[name] === undefined)).size === 1,
  together(
    'SHOP_ID',
    'SHOP_ID, ACCESS_TOKEN and REFRESH_TOKEN belong together: set all three, or none to connect the shop in the browser',
  ),
] as const;

/** All that the forwarder reads. */
export const forwarderEnv = z
  .object(forwarderShape)
  .refine(...shopRule)
  .refine(...telegramRule)
  .refine(...redisRules[0])
  .refine(...redisRules[1]);

/** All that the worker reads. */
export const workerEnv = z
  .object(workerShape)
  .refine(...shopRule)
  .refine(...redisRules[0])
  .refine(...redisRules[1]);

/** Every variable of both services. */
export const variableNames: readonly string[] = [
  ...new Set([...Object.keys(forwarderShape), ...Object.keys(workerShape)]),
];
