import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createSandbox, type Sandbox } from '../../../sandbox/src/index.ts';
import { cookieOf } from './rig.ts';

const password = 'correct horse battery';
const soon = { timeout: 20_000, interval: 100 };
const slow = 60_000;
let sandbox: Sandbox;
let cookie = '';
const shop = '700000001';

beforeAll(async () => {
  sandbox = await createSandbox({
    services: 'in-process',
    env: { DASHBOARD_PASSWORD: password, SCHEDULED_JOBS: 'false', REDIS_ALLOW_UNSAFE: 'true' },
  });
  const login = await call('POST', '/api/login', { password });
  cookie = cookieOf(login.headers.getSetCookie());
}, slow);

afterAll(() => sandbox.stop(), slow);

function call(method: string, path: string, body?: unknown): Promise<Response> {
  return fetch(`${sandbox.forwarder?.url ?? ''}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      cookie,
      'sec-fetch-site': 'same-origin',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function request<T>(path: string): Promise<T> {
  return (await (await call('GET', path)).json()) as T;
}

async function notify<T>(path: string, body: unknown = {}): Promise<T> {
  return (await (await call('POST', path, body)).json()) as T;
}

/** An order whose row is in the sheet; its number. */
async function placeOrder(): Promise<string> {
  const change = sandbox.shopee.orders.place(Number(shop));
  const { sn } = change.record;
  await sandbox.shopee.sendPushes(change);
  await vi.waitFor(async () => {
    const { events } = await request<{ events: unknown[] }>(`/api/events?search=${sn}&state=handled&code=3`);
    expect(events).toMatchObject([{ sn, row: expect.any(Number) as number }]);
  }, soon);
  return sn;
}

interface EventPage {
  events: { id: string; sn: string; state: string }[];
}

test('an order shows Shopee, the sheet and its events, and counts in the sales', { timeout: slow }, async () => {
  const sn = await placeOrder();
  // A new shop's region is learned within the first seconds, and with it the link to Seller Center.
  const order = await vi.waitFor(
    async () => {
      const found = await request<EventPage & { sellerCenter: string | null }>(`/api/orders/${sn}`);
      expect(found.sellerCenter).not.toBeNull();
      return found;
    },
    { timeout: 30_000, interval: 500 },
  );
  expect(order).toMatchObject({
    sn,
    shop,
    shopee: { order: { sn, items: expect.any(Array) as unknown[] }, error: null },
    sheet: {
      row: { row: expect.any(Number) as number, link: expect.stringContaining('docs.google.com') as string },
      error: null,
    },
    sellerCenter: expect.stringContaining(sn) as string,
  });
  expect(order.events[0]).toMatchObject({ sn });
  const row = await call('GET', `/api/orders/${sn}/row?shop=${shop}`);
  expect(row.status).toBe(302);
  expect(row.headers.get('location')).toMatch(/^https:\/\/docs\.google\.com\/spreadsheets\/d\//);
  expect(await request('/api/overview')).toMatchObject({
    today: { sales: [{ orders: expect.any(Number) as number }] },
  });
});

test('an order is refreshed by an operator, silently, and its event names the reason', { timeout: slow }, async () => {
  const sn = await placeOrder();
  const messages = sandbox.telegram.messages().length;
  const { id } = await notify<{ id: string }>(`/api/orders/${sn}/refresh`, {});
  await vi.waitFor(async () => {
    expect(await request(`/api/events/${id}`)).toMatchObject({ event: { sn, state: 'handled' }, source: 'refresh' });
  }, soon);
  expect(sandbox.telegram.messages().filter(({ text }) => text.includes(sn)).length).toBeLessThanOrEqual(messages + 1);
});

test('a dry run shows the row as it is and as it would be', { timeout: slow }, async () => {
  const sn = await placeOrder();
  const { events } = await request<EventPage>(`/api/events?search=${sn}&code=3`);
  const run = await notify(`/api/events/${String(events[0]?.id)}/dry-run`);
  expect(run).toMatchObject({
    noChangeReason: null,
    tabs: [{ tab: 'Orders', row: expect.any(Number) as number, stale: false }, {}],
  });
  expect((await call('POST', '/api/events/none/dry-run', {})).status).toBe(409);
});

test(
  'shops are shown with dates, their sheet and the push subscription; one is connected and disconnected',
  { timeout: slow },
  async () => {
    const list = await request<{ shops: { shop: string }[] }>('/api/shops');
    expect(list).toMatchObject({ push: { status: expect.any(String) as string, error: null }, connectHint: null });
    expect(list.shops.find((one) => one.shop === shop)).toMatchObject({
      state: 'active',
      region: expect.any(String) as string,
      spreadsheetUrl: expect.stringContaining(sandbox.google.spreadsheetId) as string,
    });
    const { url } = await notify<{ url: string }>('/api/shops/connect', {});
    expect(url).toContain(`partner_id=${String(sandbox.shopee.app.partnerId)}`);
    const other = list.shops.find((one) => one.shop !== shop)?.shop ?? '';
    const after = await notify<{ shops: { shop: string }[] }>(`/api/shops/${other}/disconnect`);
    expect(after.shops.find((one) => one.shop === other)).toMatchObject({ state: 'revoked' });
  },
);

test('jobs are shown and run, and an unknown one is not found', { timeout: slow }, async () => {
  const { jobs } = await request<{ jobs: { name: string; state: string }[] }>('/api/jobs');
  expect(jobs.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['reconcile', 'lost-pushes', 'payouts', 'backfill']),
  );
  await notify('/api/jobs/lost-pushes/run');
  await vi.waitFor(async () => {
    const now = await request<{ jobs: { name: string }[] }>('/api/jobs');
    expect(now.jobs.find(({ name }) => name === 'lost-pushes')).toMatchObject({ lastResult: { ok: true } });
  }, soon);
  const from = Date.now() - 3 * 24 * 3_600_000;
  await notify('/api/jobs/backfill/run', { shop, from });
  await vi.waitFor(async () => {
    const now = await request<{ jobs: { name: string }[] }>('/api/jobs');
    expect(now.jobs.find(({ name }) => name === 'backfill')).toMatchObject({ state: 'idle', lastResult: { ok: true } });
  }, soon);
  expect((await call('POST', '/api/jobs/none/run', {})).status).toBe(404);
});

interface Settings {
  settings: { name: string; value: string | null; source: string; secret: boolean; isSet: boolean; edit: unknown }[];
  changes: { name: string; to: string | null; by: string }[];
  readOnly: string | null;
}

test('every setting is shown with its source, secrets only as set or not', { timeout: slow }, async () => {
  const { settings, readOnly } = await request<Settings>('/api/settings');
  const of = (name: string) => settings.find((setting) => setting.name === name);
  expect(readOnly).toBeNull();
  expect(of('PARTNER_KEY')).toMatchObject({ value: null, secret: true, isSet: true, source: 'env', edit: null });
  expect(of('SPREADSHEET_ID')).toMatchObject({ value: sandbox.google.spreadsheetId, source: 'env' });
  expect(of('REDIS_NUM_WORKERS')).toMatchObject({ value: '3', source: 'default' });
  expect(of('TELEGRAM_QUIET')).toMatchObject({ value: null, source: 'default', edit: { kind: 'text' } });
  const text = JSON.stringify(settings);
  for (const secret of [sandbox.shopee.app.partnerKey, sandbox.telegram.token, password, 'PRIVATE KEY']) {
    expect(text).not.toContain(secret);
  }
});

test('settings are changed at runtime, validated, recorded, and reset', { timeout: slow }, async () => {
  const put = (name: string, value: unknown) => call('PUT', `/api/settings/${name}`, { value });
  expect((await put('TELEGRAM_QUIET', 'late')).status).toBe(400);
  expect((await put('ORDER_EVENT_CODES', [])).status).toBe(400);
  expect((await put('LOG_LEVEL', 'loud')).status).toBe(400);
  expect((await put('PARTNER_KEY', 'x')).status).toBe(404);
  const changed = (await (await put('TELEGRAM_MUTE', [8, 22])).json()) as Settings;
  expect(changed.settings.find(({ name }) => name === 'TELEGRAM_MUTE')).toMatchObject({
    value: '8,22',
    source: 'changed',
    baseValue: '',
  });
  expect(changed.changes[0]).toMatchObject({ name: 'TELEGRAM_MUTE', to: '8,22', by: 'dashboard' });
  const back = (await (await put('TELEGRAM_MUTE', null)).json()) as Settings;
  expect(back.settings.find(({ name }) => name === 'TELEGRAM_MUTE')).toMatchObject({ value: null, source: 'default' });
});

test('each connection is tested, and reports its own error', { timeout: slow }, async () => {
  for (const upstream of ['telegram', 'sheet', 'shopee']) {
    expect(await notify(`/api/tests/${upstream}`)).toMatchObject({ ok: true, error: null });
  }
  const { client_email: email } = sandbox.google.credentials;
  sandbox.google.share(email, undefined);
  expect(await notify('/api/tests/sheet')).toMatchObject({
    ok: false,
    error: expect.stringContaining(email) as string,
  });
  sandbox.google.share(email, 'writer');
  expect((await call('POST', '/api/tests/moon', {})).status).toBe(400);
});

test('paused consumers take nothing until they are resumed', { timeout: slow }, async () => {
  expect(await notify('/api/workers/pause')).toMatchObject({ paused: true });
  await vi.waitFor(async () => {
    const { consumers } = await request<{ consumers: { state: string }[] }>('/api/workers');
    expect(consumers.map(({ state }) => state)).toEqual(Array.from({ length: 4 }, () => 'paused'));
  }, soon);
  const change = sandbox.shopee.orders.place(Number(shop));
  await sandbox.shopee.sendPushes(change);
  await vi.waitFor(async () => {
    const { headline } = await request<{ headline: { text: string } }>('/api/overview');
    expect(headline.text).toContain('paused');
  }, soon);
  const { events } = await request<EventPage>(`/api/events?search=${change.record.sn}&code=3`);
  expect(events).toMatchObject([{ state: 'waiting' }]);
  expect(await notify('/api/workers/resume')).toMatchObject({ paused: false });
  await vi.waitFor(async () => {
    const after = await request<EventPage>(`/api/events?search=${change.record.sn}&code=3`);
    expect(after.events).toMatchObject([{ state: 'handled' }]);
  }, soon);
});

test('the setup is shown as done, and the overview has every component', { timeout: slow }, async () => {
  await placeOrder();
  await vi.waitFor(async () => {
    const setup = await request<{ done: boolean; steps: { id: string; state: string }[] }>('/api/setup');
    expect(setup.steps.filter(({ state }) => state !== 'done')).toEqual([]);
    expect(setup.done).toBe(true);
  }, soon);
  const overview = await request<{ components: { id: string; level: string }[] }>('/api/overview');
  expect(overview.components.map(({ id }) => id)).toEqual([
    'shopee',
    'forwarder',
    'redis',
    'spool',
    'consumers',
    'shopee-api',
    'sheets',
    'telegram',
  ]);
});
