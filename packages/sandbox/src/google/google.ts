import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { systemClock } from '@shopee-webhook/runtime';
import { Faults } from '../fake-server/faults.ts';
import { Accounts, projectNumber, type AccountsState, type ServiceAccount } from './api/accounts.ts';
import { ApiError } from './spreadsheet/api-error.ts';
import { Api, type ApiSettings } from './api/api.ts';
import { handleControl } from './control.ts';
import { exchangeOf, type Exchange } from './api/exchange.ts';
import type { ApiFault, TokenFault } from './api/google-faults.ts';
import { googleLimits, Quotas, type QuotaLimits } from './api/quotas.ts';
import { RequestLog, type Counters, type LoggedRequest } from './api/request-log.ts';
import type { FileState, Role, SharedSpreadsheet } from './spreadsheet/shared-spreadsheet.ts';
import { SheetView } from './page/sheet-view.ts';
import { restored, stateOf, type SpreadsheetState } from './spreadsheet/spreadsheet-state.ts';
import { Spreadsheet } from './spreadsheet/spreadsheet.ts';
import { handleToken } from './api/token-endpoint.ts';
import { applyEdit, type EditHistory, type UserEdit } from './requests/user-edit.ts';

export interface SpreadsheetOptions {
  id?: string;
  title?: string;
  timeZone?: string;
  locale?: string;
}

export interface GoogleOptions extends Partial<ApiSettings> {
  port?: number;
  host?: string;
  /** The one that is there from the start, shared with the default service account; it has the tab Sheet1, 1000 × 26. */
  spreadsheet?: SpreadsheetOptions;
  /** Google's own where left out; `Infinity` for none. */
  quotas?: Partial<QuotaLimits>;
  tokenSeconds?: number;
  now?: () => number;
  /** What `state()` gave before a restart. */
  state?: GoogleState;
}

/** All that a restart must not lose, as plain JSON. */
export interface GoogleState {
  accounts: AccountsState;
  spreadsheets: SpreadsheetState[];
}

const defaultSpreadsheetId = '1SandboxSheet_0000000000000000000000000000AB';
const defaultAccount = 'sheet-writer';

/** Starts a fake for Google Sheets and Google's token endpoint on a free port (or `port`). */
export async function createGoogle(options: GoogleOptions = {}): Promise<Google> {
  const { port = 0, host = '127.0.0.1', now = systemClock.wallMs, tokenSeconds = 3599, state } = options;
  const accounts = await Accounts.create({ now, tokenSeconds, state: state?.accounts });
  const server = createServer().listen(port, host);
  await once(server, 'listening');
  // Longer than a client keeps an idle connection, so that only faults reset one.
  server.keepAliveTimeout = 75_000;
  return new Google(server, accounts, options);
}

/** The fake: its state to read, its faults to set, and what a person does to the sheet. */
export class Google {
  /** Root of the API, for GOOGLE_SHEETS_API_URL; also the page to look at. */
  readonly url: string;
  /** For GOOGLE_TOKEN_URL. */
  readonly tokenUrl: string;
  /** Credentials of the service account that the first spreadsheet is shared with. */
  readonly credentials: ServiceAccount;
  /** The spreadsheet that is meant where none is named. */
  readonly spreadsheetId: string;
  /** The fake's clock, ms. */
  readonly now: () => number;
  readonly faults = new Faults<ApiFault>();
  readonly tokenFaults = new Faults<TokenFault>();
  readonly settings: ApiSettings;
  readonly quotas: Quotas;
  /** Edits before a write that could not be made, in words. */
  readonly failedEdits: string[] = [];
  readonly #accounts: Accounts;
  readonly #spreadsheets = new Map<string, SharedSpreadsheet>();
  readonly #histories = new Map<string, EditHistory>();
  readonly #log = new RequestLog();
  readonly #api: Api;
  readonly #beforeWrite: { spreadsheetId: string; edit: UserEdit | (() => void) }[] = [];
  readonly #closing = new AbortController();
  readonly #server: Server;

  constructor(server: Server, accounts: Accounts, options: GoogleOptions) {
    const { now = systemClock.wallMs, latencyMs = 0, maxProcessingMs = 180_000, appendRaces = true } = options;
    const { apiDisabled = false, legacyErrors = false } = options;
    this.now = now;
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the server has no port');
    this.url = `http://${options.host ?? '127.0.0.1'}:${address.port}/`;
    this.tokenUrl = `${this.url}token`;
    this.settings = { latencyMs, maxProcessingMs, appendRaces, apiDisabled, legacyErrors };
    this.quotas = new Quotas({ limits: { ...googleLimits, ...options.quotas }, now, project: projectNumber });
    this.#accounts = accounts;
    this.#api = new Api({
      accounts,
      now,
      quotas: this.quotas,
      faults: this.faults,
      settings: this.settings,
      log: this.#log,
      spreadsheets: this.#spreadsheets,
      beforeWrite: (id) => this.#applyPendingEdit(id),
    });
    this.credentials = this.makeServiceAccount(defaultAccount);
    this.spreadsheetId = options.spreadsheet?.id ?? options.state?.spreadsheets[0]?.id ?? defaultSpreadsheetId;
    if (options.state !== undefined) this.restore(options.state);
    if (!this.#spreadsheets.has(this.spreadsheetId))
      this.addSpreadsheet({ ...options.spreadsheet, id: this.spreadsheetId });
    this.#server = server.on('request', (request, response) => {
      void exchangeOf(request, response).then((exchange) => exchange && this.#handle(exchange));
    });
  }

  /** Makes a service account and gives its credentials, as the file that Google's console hands out; nothing is shared with it yet. */
  makeServiceAccount(name: string): ServiceAccount {
    return this.#accounts.make(name, this.tokenUrl);
  }

  /** Makes every bearer token worthless that was given so far. */
  revokeTokens(): void {
    this.#accounts.revokeTokens();
  }

  /** Adds a spreadsheet as a person would make it, shared with the default service account as an editor. */
  addSpreadsheet(options: SpreadsheetOptions = {}): Spreadsheet {
    const { id = `1Sandbox${Math.random().toString(36).slice(2)}`, title = 'Shopee orders' } = options;
    const { timeZone = 'Asia/Singapore', locale = 'en_US' } = options;
    const spreadsheet = new Spreadsheet(id, { title, locale, timeZone, autoRecalc: 'ON_CHANGE' });
    spreadsheet.addSheet({ id: 0, rowCount: 1000, columnCount: 26, fields: { title: 'Sheet1' } });
    this.#spreadsheets.set(id, {
      spreadsheet,
      roles: new Map([[this.credentials.client_email, 'writer']]),
      file: 'there',
    });
    return spreadsheet;
  }

  /** Shares a spreadsheet with an account; `undefined` takes the account's access away. */
  share(email: string, role: Role | undefined, spreadsheetId = this.spreadsheetId): void {
    const { roles } = this.#shared(spreadsheetId);
    if (role === undefined) roles.delete(email);
    else roles.set(email, role);
  }

  /** The whole model, for what the views do not show. */
  spreadsheet(spreadsheetId = this.spreadsheetId): Spreadsheet {
    return this.#shared(spreadsheetId).spreadsheet;
  }

  /** All tabs in their order. */
  sheets(spreadsheetId = this.spreadsheetId): SheetView[] {
    return this.spreadsheet(spreadsheetId).sheets.map((sheet) => new SheetView(sheet));
  }

  /** A tab by its title; throws when there is none. */
  sheet(title: string, spreadsheetId = this.spreadsheetId): SheetView {
    const found = this.sheets(spreadsheetId).find((sheet) => sheet.title === title);
    if (found === undefined) throw new Error(`no tab ${title}`);
    return found;
  }

  get spreadsheetIds(): string[] {
    return [...this.#spreadsheets.keys()];
  }

  get counters(): Readonly<Counters> {
    return this.#log.counters;
  }

  /** The last 10,000 requests, oldest first. */
  get requests(): readonly LoggedRequest[] {
    return this.#log.entries;
  }

  /** Forgets the log and sets all counters to 0. */
  clearLog(): void {
    this.#log.clear();
  }

  /** Requests that hung and are still to be carried out. */
  get late(): number {
    return this.#api.late;
  }

  /** What a person does in the browser, at once. */
  edit(edit: UserEdit, spreadsheetId = this.spreadsheetId): void {
    const history = this.#histories.get(spreadsheetId) ?? { undos: [], versions: new Map() };
    this.#histories.set(spreadsheetId, history);
    applyEdit(this.spreadsheet(spreadsheetId), edit, history);
  }

  /** What becomes of the file: into the trash and out of it, deleted for good, or replaced by an Excel file. */
  setFile(file: FileState, spreadsheetId = this.spreadsheetId): void {
    this.#shared(spreadsheetId).file = file;
  }

  /** What a person does between the next write's guard and its being carried out; of several, one before each write. */
  beforeNextWrite(edit: UserEdit | (() => void), spreadsheetId = this.spreadsheetId): void {
    this.#beforeWrite.push({ spreadsheetId, edit });
  }

  state(): GoogleState {
    return { accounts: this.#accounts.state(), spreadsheets: [...this.#spreadsheets.values()].map(stateOf) };
  }

  restore(state: GoogleState): void {
    this.#accounts.restore(state.accounts);
    for (const one of state.spreadsheets) this.#spreadsheets.set(one.id, restored(one));
  }

  /** Cuts all connections and stops listening; what still hangs is dropped. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    this.#closing.abort();
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #handle(exchange: Exchange): Promise<void> {
    const { pathname } = exchange.url;
    try {
      if (pathname === '/token' && exchange.method === 'POST') await this.#token(exchange);
      else if (pathname.startsWith('/v4/')) await this.#api.handle(exchange, this.#closing.signal);
      else handleControl(exchange, this);
    } catch (error) {
      // A fault of the fake, not one that it plays: say so, whoever is asking.
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      exchange.json(500, { error: { code: 500, status: 'SANDBOX_BUG', message } });
    }
  }

  async #token(exchange: Exchange): Promise<void> {
    this.#log.counters.tokens += 1;
    const fault = this.tokenFaults.takeFault('/token');
    const { signal: closing } = this.#closing;
    await handleToken(exchange, { accounts: this.#accounts, fault, ownUrl: this.tokenUrl, closing });
  }

  #applyPendingEdit(spreadsheetId: string): void {
    const next = this.#beforeWrite.findIndex((one) => one.spreadsheetId === spreadsheetId);
    if (next < 0) return;
    const [{ edit } = { edit: () => undefined }] = this.#beforeWrite.splice(next, 1);
    if (typeof edit === 'function') return edit();
    try {
      this.edit(edit, spreadsheetId);
    } catch (error) {
      // Sheets rejected the person, as it may: the caller's write goes on.
      this.failedEdits.push(
        `${edit.kind}: ${error instanceof ApiError || error instanceof Error ? error.message : ''}`,
      );
    }
  }

  #shared(id: string): SharedSpreadsheet {
    const shared = this.#spreadsheets.get(id);
    if (shared === undefined) throw new Error(`no spreadsheet ${id}`);
    return shared;
  }
}
