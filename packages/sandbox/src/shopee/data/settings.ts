import { z } from 'zod';

/** How a buyer's data is shown: in full, partly masked (`P******n`, `******78`), or all `****`. */
export type Masking = 'none' | 'partial' | 'full';

/** How the fake behaves; all of it may be changed while it runs. */
export interface ShopeeSettings {
  /** Every API call takes this long. */
  latencyMs: number;
  /** How buyers' data is shown; `by-status` masks it in full once an order is completed or cancelled. */
  masking: Masking | 'by-status';
  /** Calls a second and shop (public ones: the app) before `error_rate_limit`. Shopee publishes none. */
  ratePerSecond: number | undefined;
  /** Calls a day (UTC+8) of the whole app before `error_limit`. */
  callsPerDay: number | undefined;
  /** Once set, all other addresses get `source_ip_undeclared`. */
  allowedIps: readonly string[] | undefined;
  /** Success says `"error": "-"`, as some samples of the documentation do. */
  dashOnSuccess: boolean;
  /** Errors come with `common.` before their code, as the documentation sometimes prints them. */
  commonPrefix: boolean;
  /** HTTP status of errors: 200 as measured, or 403; the documentation names none. */
  errorStatus: number;
  /** HTTP status by error code, instead. */
  statusOfError: Record<string, number>;
  /** One unknown number in get_order_detail fails the whole call, or is left out. */
  unknownOrder: 'fail' | 'skip';
  /** Redirects of form A must go to this domain or below it, as in Shopee's console. */
  redirectDomain: string | undefined;
  /** A used refresh token gives the same new pair again for 4 hours (FAQ 144), or is rejected. */
  resendRefresh: boolean;
  /** `expire_in` is a point in time instead of a duration, as one documented sample has it. */
  absoluteExpireIn: boolean;
  /** Seconds after the payment during which there is no escrow yet. */
  escrowDelaySeconds: number;
  /** Whether the batch call shows adjustments as the single call does; on the only wire capture it does not. */
  batchAdjustments: boolean;
  /** The batch call spells two fields as the only capture of it does (like the single call), or as its own page does. */
  batchSpelling: 'wire' | 'page';
  /** How the wallet pages: real clients count pages from 0 or from 1, or lines; the documentation says both. */
  walletPaging: 'page' | 'page-from-1' | 'entry';
  /** The income calls answer as their pages' samples are, or as their tables say. */
  incomeShape: 'sample' | 'table';
  /** get_payout_detail says that it is no longer available in this region. */
  payoutDetailEnded: boolean;
  /** From when on there is an escrow; the first that was ever seen are of shipped orders. */
  escrowFrom: 'paid' | 'shipped';
  /** What a call for an escrow that is not there yet gets: an error, an empty `order_income`, or one or the other by order. */
  missingEscrow: 'error' | 'empty' | 'both';
  /** Empty lists come as null: those of which it was seen, all, or none. */
  nullLists: 'seen' | 'all' | 'none';
  /** APIs (their path contains it) for which the app type has no permission. */
  forbiddenApis: readonly string[];
}

/** A change of settings as another process sends it; null takes a limit away. */
export const SettingsChange = z.strictObject({
  latencyMs: z.number().min(0).optional(),
  masking: z.enum(['none', 'partial', 'full', 'by-status']).optional(),
  ratePerSecond: z.number().min(0).nullable().optional(),
  callsPerDay: z.number().min(0).nullable().optional(),
  allowedIps: z.array(z.string()).nullable().optional(),
  dashOnSuccess: z.boolean().optional(),
  commonPrefix: z.boolean().optional(),
  errorStatus: z.number().int().min(200).max(599).optional(),
  statusOfError: z.record(z.string(), z.number().int()).optional(),
  unknownOrder: z.enum(['fail', 'skip']).optional(),
  redirectDomain: z.string().nullable().optional(),
  resendRefresh: z.boolean().optional(),
  absoluteExpireIn: z.boolean().optional(),
  escrowDelaySeconds: z.number().min(0).optional(),
  batchAdjustments: z.boolean().optional(),
  walletPaging: z.enum(['page', 'page-from-1', 'entry']).optional(),
  incomeShape: z.enum(['sample', 'table']).optional(),
  payoutDetailEnded: z.boolean().optional(),
  escrowFrom: z.enum(['paid', 'shipped']).optional(),
  missingEscrow: z.enum(['error', 'empty', 'both']).optional(),
  batchSpelling: z.enum(['wire', 'page']).optional(),
  nullLists: z.enum(['seen', 'all', 'none']).optional(),
  forbiddenApis: z.array(z.string()).optional(),
});

/** The behavior that Shopee documents for a healthy app. */
export const defaultSettings: ShopeeSettings = {
  latencyMs: 0,
  masking: 'none',
  ratePerSecond: 50,
  callsPerDay: undefined,
  allowedIps: undefined,
  dashOnSuccess: false,
  commonPrefix: false,
  errorStatus: Number(process.env['SANDBOX_ERROR_STATUS'] ?? 200),
  statusOfError: {},
  unknownOrder: 'fail',
  redirectDomain: undefined,
  resendRefresh: true,
  absoluteExpireIn: false,
  escrowDelaySeconds: 0,
  batchAdjustments: false,
  batchSpelling: 'wire',
  walletPaging: 'page',
  incomeShape: 'sample',
  payoutDetailEnded: false,
  escrowFrom: 'shipped',
  missingEscrow: 'both',
  nullLists: 'seen',
  forbiddenApis: [],
};
