import { z } from 'zod';
import type { FileState } from './spreadsheet/shared-spreadsheet.ts';
import { ApiError } from './spreadsheet/api-error.ts';
import type { Exchange } from './api/exchange.ts';
import { apiFaults, tokenFaults } from './api/google-faults.ts';
import { chartScript } from './page/page-charts.ts';
import { sheetPage, type ShownSpreadsheets } from './page/page.ts';
import type { ApiSettings } from './api/api.ts';
import type { LoggedRequest } from './api/request-log.ts';
import type { Faults } from '../fake-server/faults.ts';
import type { ApiFault, TokenFault } from './api/google-faults.ts';
import type { SheetView } from './page/sheet-view.ts';
import { userEdit, type UserEdit } from './requests/user-edit.ts';

const fault = z.object({
  on: z.string().optional(),
  times: z.number().min(1).optional(),
  ms: z.number().min(0).optional(),
  code: z.string().optional(),
});
const faultsBody = z.union([
  z.strictObject({ clear: z.literal(true) }),
  fault.extend({ target: z.literal('token'), kind: z.enum(tokenFaults) }),
  fault.extend({ target: z.literal('api').default('api'), kind: z.enum(apiFaults) }),
]);
const editBody = z.object({
  edit: userEdit,
  spreadsheetId: z.string().optional(),
  when: z.enum(['now', 'before-next-write']).default('now'),
});
const fileBody = z.object({
  file: z.enum(['there', 'trash', 'deleted', 'xlsx']),
  spreadsheetId: z.string().optional(),
});
const settingsBody = z.strictObject({
  latencyMs: z.number().min(0).optional(),
  maxProcessingMs: z.number().min(0).optional(),
  apiDisabled: z.boolean().optional(),
  appendRaces: z.boolean().optional(),
  legacyErrors: z.boolean().optional(),
});

/** What the control routes read and set of the fake. */
export interface Controlled extends ShownSpreadsheets {
  readonly faults: Faults<ApiFault>;
  readonly tokenFaults: Faults<TokenFault>;
  readonly settings: ApiSettings;
  readonly credentials: object;
  readonly late: number;
  readonly requests: readonly LoggedRequest[];
  sheets(spreadsheetId: string): SheetView[];
  edit(edit: UserEdit, spreadsheetId?: string): void;
  beforeNextWrite(edit: UserEdit, spreadsheetId?: string): void;
  setFile(file: FileState, spreadsheetId?: string): void;
}

/** What Google does not have: the page, and the handles by which tests in other processes read and steer the fake. */
export function handleControl(exchange: Exchange, google: Controlled): void {
  const { url, method } = exchange;
  const spreadsheetId = url.searchParams.get('spreadsheetId') ?? google.spreadsheetId;
  switch (`${method} ${url.pathname}`) {
    case 'GET /':
      return exchange.html(200, sheetPage(google, url.searchParams));
    case 'GET /chart.js':
      return exchange.script(chartScript());
    case 'GET /_sandbox/sheet':
      return exchange.json(200, sheetJson(google, spreadsheetId, url.searchParams.get('tab')));
    case 'GET /_sandbox/counters':
      return exchange.json(200, { ...google.counters, late: google.late, faults: google.faults.pending });
    case 'GET /_sandbox/requests':
      return exchange.json(200, google.requests);
    case 'GET /_sandbox/credentials':
      return exchange.json(200, google.credentials);
    case 'POST /_sandbox/faults':
      return posted(exchange, () => addFault(google, faultsBody.parse(bodyOf(exchange))));
    case 'POST /_sandbox/settings':
      return posted(exchange, () => void Object.assign(google.settings, settingsBody.parse(bodyOf(exchange))));
    case 'POST /_sandbox/edit':
      return posted(exchange, () => {
        const { edit, when, spreadsheetId: id } = editBody.parse(bodyOf(exchange));
        if (when === 'now') google.edit(edit, id);
        else google.beforeNextWrite(edit, id);
      });
    case 'POST /_sandbox/file':
      return posted(exchange, () => {
        const { file, spreadsheetId: id } = fileBody.parse(bodyOf(exchange));
        google.setFile(file, id);
      });
    default:
      return exchange.json(404, { error: `no ${method} ${url.pathname} here` });
  }
}

function sheetJson(google: Controlled, spreadsheetId: string, tab: string | null): object {
  const { properties } = google.spreadsheet(spreadsheetId).fields;
  const tabs = google
    .sheets(spreadsheetId)
    .filter((sheet) => tab === null || sheet.title === tab)
    .map((sheet) => ({
      title: sheet.title,
      sheetId: sheet.id,
      rowCount: sheet.rowCount,
      columnCount: sheet.columnCount,
      header: sheet.header(),
      records: sheet.records(),
    }));
  return { spreadsheetId, title: properties.title, tabs };
}

function addFault(google: Controlled, wanted: z.output<typeof faultsBody>): void {
  if ('clear' in wanted) {
    google.faults.clear();
    google.tokenFaults.clear();
    return;
  }
  const { target, kind, on, times, ms, code } = wanted;
  const rest = {
    ...(on !== undefined && { on }),
    ...(times !== undefined && { times }),
    ...(ms !== undefined && { ms }),
    ...(code !== undefined && { code }),
  };
  if (target === 'token') google.tokenFaults.add({ kind, ...rest });
  else google.faults.add({ kind, ...rest });
}

/** Answers 200, or 400 with the reason of what could not be done. */
function posted(exchange: Exchange, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (error instanceof z.ZodError) return exchange.json(400, { error: z.prettifyError(error) });
    if (error instanceof ApiError || error instanceof Error) return exchange.json(400, { error: error.message });
    throw error;
  }
  exchange.json(200, { ok: true });
}

function bodyOf(exchange: Exchange): unknown {
  return JSON.parse(exchange.body.toString() || '{}');
}
