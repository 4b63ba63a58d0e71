import { expect, test, vi } from 'vitest';
import { createWorld, shopId, type World, soon } from './world.ts';

async function healthOf(
  url: string,
): Promise<{ status: number; body: { checks: Record<string, { status: string }> } }> {
  const response = await fetch(`${url}/health`);
  return { status: response.status, body: (await response.json()) as { checks: Record<string, { status: string }> } };
}

async function handled(world: World): Promise<void> {
  await vi.waitFor(async () => expect(await world.left()).toBe(0), soon);
}

test('/health is 200 when every check passes', async () => {
  const world = await createWorld();
  const worker = await world.startWorker();
  await vi.waitFor(async () => {
    const { status, body } = await healthOf(worker.url);
    expect(status).toBe(200);
    expect(body.checks).toMatchObject({
      redis: { status: 'ok' },
      'google-sheets': { status: 'ok' },
      'shopee-token': { status: 'ok' },
      'shopee-api': { status: 'ok' },
    });
  }, soon);
});

test('/health is 503 when the spreadsheet is not shared, and names the account to share it with', async () => {
  const world = await createWorld();
  world.google.share(world.google.credentials.client_email, undefined);
  const worker = await world.startWorker();
  await vi.waitFor(async () => {
    const { status, body } = await healthOf(worker.url);
    expect(status).toBe(503);
    expect(body.checks['google-sheets']).toMatchObject({
      status: 'failing',
      action: expect.stringContaining(world.google.credentials.client_email),
    });
  }, soon);
});

test('/health is 503 while no shop is connected', async () => {
  const world = await createWorld({ connected: [] });
  const worker = await world.startWorker();
  await vi.waitFor(async () => {
    const { status, body } = await healthOf(worker.url);
    expect(status).toBe(503);
    expect(body.checks['shopee-token']).toMatchObject({ status: 'failing', detail: 'no shop is connected' });
  }, soon);
});

test('/workers/stats shows the statistics of all consumers of all workers', async () => {
  const world = await createWorld();
  const one = await world.startWorker((config) => ({ ...config, workerId: 'one' }));
  await world.startWorker((config) => ({ ...config, workerId: 'two' }));
  await world.enqueue(Array.from({ length: 30 }, () => world.place()));
  await handled(world);
  await vi.waitFor(async () => {
    const stats = (await (await fetch(`${one.url}/workers/stats`)).json()) as { workers: { id: string }[] };
    expect(stats).toMatchObject({ totals: { processed: 30, failed: 0, retried: 0, inFlight: 0 } });
    const consumers = ['1', '2', '3', 'suspects'];
    expect(stats.workers.map(({ id }) => id)).toEqual(
      ['one', 'two'].flatMap((id) => consumers.map((at) => `${id}:${at}`)),
    );
    expect(stats.workers[0]).toMatchObject({ state: 'idle', avgProcessingMs: expect.any(Number) });
  }, soon);
});

test('/metrics and /docs are there', async () => {
  const world = await createWorld();
  const worker = await world.startWorker();
  await world.enqueue([world.place()]);
  await handled(world);
  const metrics = await (await fetch(`${worker.url}/metrics`)).text();
  expect(metrics).toContain('shopee_worker_deliveries_total{outcome="ack"} 1');
  expect(metrics).toMatch(/shopee_api_call_seconds_count\{path="\/api\/v2\/order\/get_order_detail",error=""\} 1/);
  expect((await fetch(`${worker.url}/docs`)).status).toBe(200);
});

test('a push with code 2 revokes the shop and raises an alert; one with code 1 reactivates it', async () => {
  const world = await createWorld();
  await world.startWorker();
  const now = Math.floor(Date.now() / 1000) + 5;
  const canceled = {
    authorize_type: 'user cancel shop authorization',
    success: 1,
    extra: `shop id ${String(shopId)} (SG) has been cancelled its authorization`,
  };
  await world.enqueue([{ code: 2, timestamp: now, data: canceled }]);
  await handled(world);
  expect(await world.tokens.get(String(shopId))).toMatchObject({ state: 'revoked', reason: canceled.authorize_type });
  const alerts = (await world.outbox()).filter(({ kind }) => kind === 'alert');
  expect(alerts).toMatchObject([{ status: 'firing', key: `shop:${String(shopId)}` }]);
  await world.enqueue([{ code: 1, timestamp: now + 10, data: { shop_id: shopId, success: 1 } }]);
  await handled(world);
  expect(await world.tokens.get(String(shopId))).toMatchObject({ state: 'active' });
});

test('a push with code 1 does not reactivate a shop that was disconnected here', async () => {
  const world = await createWorld();
  await world.startWorker();
  await world.tokens.revoke(String(shopId), 'disconnected on the dashboard');
  const timestamp = Math.floor(Date.now() / 1000) + 5;
  await world.enqueue([{ code: 1, timestamp, data: { shop_id: shopId, success: 1 } }]);
  await handled(world);
  expect(await world.tokens.get(String(shopId))).toMatchObject({ state: 'revoked', refreshToken: '' });
  const alerts = (await world.outbox()).filter(({ kind }) => kind === 'alert');
  expect(alerts).toMatchObject([{ key: `connect:${String(shopId)}` }]);
});

test('a shop that authorizes the app is listed until it is connected or revokes that', async () => {
  const world = await createWorld();
  await world.startWorker();
  const others = [700_000_002, 700_000_003];
  await world.enqueue(others.map((shop) => ({ code: 1, timestamp: 1, data: { shop_id: shop, success: 1 } })));
  await handled(world);
  expect(await world.tokens.listShopsWithoutTokens()).toEqual(others.map(String));
  await world.enqueue([{ code: 2, timestamp: 2, data: { shopid: others[0], authorize_type: 'expiry' } }]);
  await handled(world);
  expect(await world.tokens.listShopsWithoutTokens()).toEqual([String(others[1])]);
});

test('a push with code 2 from before a reconnect changes nothing', async () => {
  const world = await createWorld();
  await world.startWorker();
  await world.enqueue([{ code: 2, timestamp: 1_788_220_810, data: { shopid: shopId, authorize_type: 'expiry' } }]);
  await handled(world);
  expect(await world.tokens.get(String(shopId))).toMatchObject({ state: 'active' });
});

test('a push with code 12 records when the authorization expires, and warns once', async () => {
  const world = await createWorld();
  await world.startWorker();
  const push = { code: 12, timestamp: 1, data: { shop_expire_soon: [shopId, shopId], expire_before: 1_799_999_999 } };
  await world.enqueue([push, push]);
  await handled(world);
  expect(await world.tokens.get(String(shopId))).toMatchObject({ authorizationExpiresAt: expect.any(Number) });
  expect((await world.outbox()).filter(({ kind }) => kind === 'alert')).toHaveLength(1);
});

test('a shop without a name gets it from Shopee, and rows show it', async () => {
  const world = await createWorld({ connected: [] });
  const { accessToken, refreshToken } = world.shopee.issueTokens(shopId);
  await world.startWorker((config) => ({ ...config, seed: { shopId: String(shopId), accessToken, refreshToken } }));
  const name = world.shopee.orders.shops.get(shopId)?.name;
  await vi.waitFor(async () => expect(await world.tokens.get(String(shopId))).toMatchObject({ shopName: name }), soon);
  await world.enqueue([world.place()]);
  await handled(world);
  expect(world.rows('Orders')).toMatchObject([{ Shop: name }]);
});

test('an authorization that expires within a week raises a warning', async () => {
  const world = await createWorld({ connected: [] });
  world.shopee.tokens.authorize(shopId, 5);
  await world.connect(shopId);
  const worker = await world.startWorker((config) => ({ ...config, publicUrl: 'https://hooks.example.com' }));
  await vi.waitFor(async () => {
    await worker.deps.shopInfo.refresh();
    const text = expect.stringContaining('Reauthorize it at https://hooks.example.com/dashboard/shops');
    expect(await world.outbox()).toMatchObject([{ kind: 'alert', key: `authorization:${String(shopId)}`, text }]);
  }, soon);
});

test('a spreadsheet that is 80 % full raises one alert and is shown in /health', async () => {
  const world = await createWorld();
  // Blank cells count too: a tab that the user made large.
  const size = { rowCount: 280_000, columnCount: 26 };
  world.google.spreadsheet().addSheet({ ...size, fields: { title: 'Mine' } });
  const worker = await world.startWorker();
  await world.enqueue([world.place()]);
  await handled(world);
  await worker.deps.sheetMonitor.check();
  await worker.deps.sheetMonitor.check();
  const alerts = (await world.outbox()).filter(({ kind }) => kind === 'alert');
  expect(alerts).toEqual([]);
  expect(worker.deps.sheetMonitor.health()).toMatchObject({ status: 'ok' });

  world.google.spreadsheet().addSheet({ rowCount: 30_000, columnCount: 26, fields: { title: 'More' } });
  await worker.deps.sheetMonitor.check();
  await worker.deps.sheetMonitor.check();
  const notified = (await world.outbox()).filter(({ kind }) => kind === 'alert');
  expect(notified).toMatchObject([{ key: `cells:${world.google.spreadsheetId}`, severity: 'warning' }]);
  expect(worker.deps.sheetMonitor.health()).toMatchObject({
    status: 'warning',
    action: expect.stringContaining('SHEETS_ROTATE'),
  });
});
