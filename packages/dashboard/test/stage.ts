import { createSandbox, type Sandbox, type SandboxOptions } from '@shopee-webhook/sandbox';
import { chromium, type Browser, type BrowserContextOptions, type Cookie, type Page } from 'playwright-core';
import { ensureBuilt } from './built-app.ts';

export const password = 'a password of the stage';
export const shopId = 700_000_001;
/** For a test that drives a browser, and for `beforeAll`, on a machine that does other things too. */
export const slow = { timeout: 120_000 };
export const startTimeout = 300_000;

const chromiumArgs = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The whole product on the sandbox, and a browser in front of it. */
export interface Stage extends AsyncDisposable {
  sandbox: Sandbox;
  /** Of the forwarder. */
  url: string;
  /** A new browser window, not logged in. */
  open(path?: string, options?: BrowserContextOptions): Promise<Page>;
  /** The same, logged in. */
  enter(path?: string, options?: BrowserContextOptions): Promise<Page>;
  /** After each test: every open window costs the machine something. */
  closeWindows(): Promise<void>;
}

export async function createStage(options: SandboxOptions = {}): Promise<Stage> {
  await ensureBuilt();
  await using opened = new AsyncDisposableStack();
  const env = { DASHBOARD_PASSWORD: password, REDIS_MAX_RETRIES: '0', ...options.env };
  const sandbox = await createSandbox({ services: 'in-process', ...options, env });
  opened.defer(() => sandbox.stop());
  const browser = await chromium.launch({ executablePath: chromiumPath(), args: chromiumArgs });
  opened.defer(() => browser.close());
  const url = sandbox.forwarder?.url ?? '';
  const resources = opened.move();
  let session: Cookie | undefined;
  const stage: Stage = {
    sandbox,
    url,
    open: (path = '/', page = {}) => openPage(browser, `${url}/dashboard${path}`, page),
    enter: async (path = '/', page = {}) => {
      // One login for all windows: only five a minute are let through.
      session ??= await sessionAt(url);
      return stage.open(path, { storageState: { cookies: [session], origins: [] }, ...page });
    },
    closeWindows: async () => void (await Promise.all(browser.contexts().map((context) => context.close()))),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
  return stage;
}

/** Fills in the login page, and waits until it is gone. */
export async function logIn(page: Page, typed = password): Promise<void> {
  await page.getByLabel('Password', { exact: true }).fill(typed);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page
    .getByRole('navigation', { name: 'Pages' })
    .or(page.getByRole('button', { name: 'Navigation' }))
    .first()
    .waitFor();
}

/** A buyer orders; resolves with the order's number when its pushes had their first try. */
export async function placeOrder({ sandbox: { shopee } }: Stage, shop = shopId): Promise<string> {
  const change = shopee.orders.place(shop);
  await shopee.sendPushes(change);
  return change.record.sn;
}

/** The order numbers in the sheet; none before the first write makes the tab. */
export function ordersInSheet({ sandbox: { google } }: Stage): unknown[] {
  const orders = google.sheets().find(({ title }) => title === 'Orders');
  return (orders?.records() ?? []).map((row) => row['Order SN']);
}

/** A session's cookie, got as the login page gets it. */
async function sessionAt(url: string): Promise<Cookie> {
  const response = await fetch(`${url}/api/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
    body: JSON.stringify({ password }),
  });
  // The other cookie names the browser.
  const session = response.headers.getSetCookie().find((cookie) => cookie.startsWith('shopee_webhook_session='));
  const [name = '', value = ''] = session?.split(';')[0]?.split('=', 2) ?? [];
  const domain = new URL(url).hostname;
  return { name, value, domain, path: '/', expires: -1, httpOnly: true, secure: false, sameSite: 'Strict' };
}

async function openPage(browser: Browser, address: string, options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    reducedMotion: 'reduce',
    ...options,
  });
  context.setDefaultTimeout(slow.timeout / 2);
  const page = await context.newPage();
  await page.goto(address);
  return page;
}

/** Debian's; another one where CHROMIUM_PATH says so. */
function chromiumPath(): string {
  return process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
}
