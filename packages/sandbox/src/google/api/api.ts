import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault, Faults } from '../../fake-server/faults.ts';
import { projectNumber, type Accounts } from './accounts.ts';
import * as errors from '../spreadsheet/api-error.ts';
import { ApiError } from '../spreadsheet/api-error.ts';
import type { Call, Method } from '../requests/call.ts';
import type { Exchange } from './exchange.ts';
import { responseMask, masked } from '../spreadsheet/field-mask.ts';
import { htmlError, type ApiFault } from './google-faults.ts';
import { checkMessage } from './json-check.ts';
import type { Quotas } from './quotas.ts';
import type { LoggedRequest, RequestLog } from './request-log.ts';
import { checkedQuery, routeOf, type Route } from './routes.ts';
import type { SharedSpreadsheet } from '../spreadsheet/shared-spreadsheet.ts';
import { spreadsheetsMethods } from './spreadsheets-methods.ts';
import { append, findAppendPlace } from './values-append.ts';
import { valuesMethods } from './values-methods.ts';

/** Google's own limit for a body; other APIs of Google answer so too. */
const maxBodyBytes = 10_485_760;
/** What the fake can be set to, at any time. */
export interface ApiSettings {
  /** How long a call takes before it is carried out, in ms. */
  latencyMs: number | ((call: { method: string; bytes: number }) => number);
  /** What would take longer than this is given up with a 408; Google's own is 180 s. */
  maxProcessingMs: number;
  /** Appends look for their row when they come in, so that two at once overwrite each other, as the real ones do. */
  appendRaces: boolean;
  /** The Sheets API is switched off in the Cloud project. */
  apiDisabled: boolean;
  /** Whether error bodies carry the old `errors` array. */
  legacyErrors: boolean;
}

export interface ApiDeps {
  accounts: Accounts;
  quotas: Quotas;
  faults: Faults<ApiFault>;
  log: RequestLog;
  settings: ApiSettings;
  spreadsheets: Map<string, SharedSpreadsheet>;
  now: () => number;
  /** Runs just before a write is carried out: what a person does between the caller's read and its write. */
  beforeWrite(spreadsheetId: string): void;
}

type Located = Route & { path: Record<string, string> };

const methods: Record<string, Method> = { ...spreadsheetsMethods, ...valuesMethods };

/** The Sheets API itself: from a request to a response. */
export class Api {
  readonly #parts: ApiDeps;
  /** Requests that hung and are still to be carried out. */
  late = 0;

  constructor(parts: ApiDeps) {
    this.#parts = parts;
  }

  async handle(exchange: Exchange, closing: AbortSignal): Promise<void> {
    const { faults, log, now, settings } = this.#parts;
    const route = routeOf(exchange.method, exchange.url.pathname);
    if (route === undefined) return exchange.html(404, htmlError(404, 'Not Found'));
    const fault = faults.takeFault(`${route.isRead ? 'read' : 'write'} ${route.name} ${exchange.url.pathname}`);
    const entry = entryOf(exchange, route, now());
    if (fault !== undefined) entry.fault = fault.kind;
    log.begin(entry);
    let status: number | undefined;
    try {
      status = await this.#respond(exchange, { route, fault, entry, closing });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      status = error.code;
      exchange.json(status, error.body(settings.legacyErrors));
    } finally {
      log.end(entry, now(), status);
    }
  }

  /** Returns the status of the response; undefined when there was none. */
  async #respond(
    exchange: Exchange,
    given: { route: Located; fault: Fault<ApiFault> | undefined; entry: LoggedRequest; closing: AbortSignal },
  ): Promise<number | undefined> {
    const { route, fault, entry, closing } = given;
    const { settings } = this.#parts;
    const run = this.#prepare(exchange, route, { fault, entry });
    const latency = this.#latency(route, entry.bytes) + (fault?.kind === 'slow' ? (fault.ms ?? 5000) : 0);
    if (!(await waited(Math.min(latency, settings.maxProcessingMs), closing))) return undefined;
    if (latency > settings.maxProcessingMs || fault?.kind === 'html-408') {
      exchange.html(408, htmlError(408, 'Request Timeout'));
      return 408;
    }
    if (fault?.kind === 'reset-before-apply') {
      exchange.reset();
      return undefined;
    }
    if (fault?.kind === '503-not-applied') throw errors.unavailable();
    if (fault?.kind === '500') throw errors.internal();
    if (fault?.kind === 'hang' || fault?.kind === 'hang-then-applied-late') {
      if (fault.kind === 'hang-then-applied-late') void this.#applyLate(run, fault.ms ?? 5000, closing);
      await Promise.race([exchange.clientClosed(), waited(2 ** 30, closing)]);
      return undefined;
    }
    const response = run();
    if (fault?.kind === 'reset-after-apply') {
      exchange.reset();
      return undefined;
    }
    if (fault?.kind === '503-applied') throw errors.unavailable();
    exchange.json(200, response);
    entry.responseBytes = exchange.responseBytes();
    return 200;
  }

  /** Everything that Google checks before it touches the spreadsheet. The function returned carries the call out. */
  #prepare(
    exchange: Exchange,
    route: Located,
    { fault, entry }: { fault: Fault<ApiFault> | undefined; entry: LoggedRequest },
  ): () => unknown {
    const { accounts, quotas, settings, spreadsheets } = this.#parts;
    if (fault?.kind === '401') throw errors.unauthenticated(true);
    const caller = accounts.caller(exchange.headers.authorization);
    entry.user = caller.email;
    if (settings.apiDisabled || fault?.kind === 'api-disabled') throw errors.apiDisabled(projectNumber);
    if (!route.method.scopes.some((scope) => caller.scopes.includes(scope))) throw errors.scopeMissing();
    const metric = route.isRead ? 'Read' : 'Write';
    if (fault?.kind === '429') throw errors.quotaExceeded({ metric, perUser: true, limit: 60, project: projectNumber });
    quotas.take(metric, caller.email);
    const query = checkedQuery(route, exchange.url.searchParams);
    const body = checkedBody(exchange, route);
    entry.parts = partsOf(body) || (query['ranges']?.length ?? 1);
    if (route.name === 'create' || fault?.kind === '403') throw errors.permissionDenied();
    const shared = spreadsheets.get(route.path['spreadsheetId'] ?? '');
    if (shared === undefined || shared.file === 'deleted') throw errors.notFound();
    const role = shared.roles.get(caller.email);
    if (role === undefined || (role === 'reader' && !route.isRead)) throw errors.permissionDenied();
    if (shared.file === 'xlsx') throw errors.officeFile();
    const fields = query['fields']?.at(-1) ?? (exchange.headers['x-goog-fieldmask'] as string | undefined);
    const mask = fields === undefined ? undefined : responseMask(fields, route.method.response);
    const call: Call = { spreadsheet: shared.spreadsheet, user: caller.email, path: route.path, query, body, mask };
    return this.#run(route, call);
  }

  #run(route: Located, call: Call): () => unknown {
    const { settings } = this.#parts;
    const place = route.name === 'values.append' && settings.appendRaces ? findAppendPlace(call) : undefined;
    return () => {
      if (!route.isRead) this.#parts.beforeWrite(call.spreadsheet.id);
      const method = methods[route.name] ?? ((one: Call) => append(one, place ?? findAppendPlace(one)));
      return masked(method(call), call.mask);
    };
  }

  async #applyLate(run: () => unknown, ms: number, closing: AbortSignal): Promise<void> {
    this.late += 1;
    try {
      if (await waited(ms, closing)) run();
    } catch (error) {
      // Nobody is left to learn that Google rejected it.
      if (!(error instanceof ApiError)) throw error;
    } finally {
      this.late -= 1;
    }
  }

  #latency(route: Route, bytes: number): number {
    const { latencyMs } = this.#parts.settings;
    return typeof latencyMs === 'number' ? latencyMs : latencyMs({ method: route.name, bytes });
  }
}

function entryOf({ body }: Exchange, route: Located, at: number): LoggedRequest {
  return {
    at,
    method: route.name,
    kind: route.isRead ? 'read' : 'write',
    spreadsheetId: route.path['spreadsheetId'],
    user: undefined,
    bytes: body.length,
    parts: 0,
  };
}

function checkedBody({ body, url }: Exchange, { method, name }: Route): unknown {
  if (body.length > maxBodyBytes)
    throw errors.invalidArgument(`Request payload size exceeds the limit: ${maxBodyBytes} bytes.`);
  if (method.request === undefined) return undefined;
  const text = body.toString();
  const parsed: unknown = text.trim() === '' ? {} : parsedJson(text);
  // A ValueRange is one field of its request, and errors name it so.
  const at = method.request === 'ValueRange' ? 'data' : '';
  const violations = checkMessage(method.request, parsed, at);
  if (violations.length > 0) throw errors.badPayload(violations);
  if (name === 'values.update' && url.searchParams.get('valueInputOption') === null)
    throw errors.invalidArgument("'valueInputOption' is required but not specified");
  return parsed;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Google's parser tells the place in its own words; the first line is what matters.
    throw errors.badPayload([
      { field: '', description: `Invalid JSON payload received. Expected a value.\n${text.slice(0, 40)}\n^` },
    ]);
  }
}

/** How many ranges, filters or requests a body holds. */
function partsOf(body: unknown): number {
  if (typeof body !== 'object' || body === null) return 0;
  const { data, requests, ranges, dataFilters } = body as Record<string, unknown>;
  const list = [data, requests, ranges, dataFilters].find((one) => Array.isArray(one));
  return Array.isArray(list) ? list.length : 0;
}

/** Waits; false when the fake is closed meanwhile. */
async function waited(ms: number, closing: AbortSignal): Promise<boolean> {
  if (ms <= 0) return !closing.aborted;
  try {
    await sleep(ms, undefined, { signal: closing });
    return true;
  } catch {
    // Only the signal ends the sleep early.
    return false;
  }
}
