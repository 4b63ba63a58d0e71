import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createStage, ordersInSheet, placeOrder, shopId, slow, startTimeout, type Stage } from './stage.ts';

const attack = '<img src=x onerror="window.attacked=1"><script>window.attacked=1</script>';

let stage: Stage;
beforeAll(async () => {
  const shops = [{ shopId, name: attack, region: 'SG' }];
  stage = await createStage({ shopee: { shops } });
}, startTimeout);
afterEach(() => stage.closeWindows());
afterAll(() => stage[Symbol.asyncDispose]());

/** The same value with every text replaced; numbers and booleans stay. */
function poisoned<Value>(value: Value): Value {
  if (typeof value === 'string') return attack as Value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one: unknown) => poisoned(one)) as Value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, poisoned(one)])) as Value;
}

/** Pushes, unsigned requests and responses with markup in every text field. */
async function attackEverywhere(): Promise<{ sn: string; dead: string }> {
  const { orders, pushes, faults } = stage.sandbox.shopee;
  const contentOf = orders.contentOf.bind(orders);
  orders.contentOf = (record) => {
    const { cod, paymentMethod: _, lines, ...content } = contentOf(record);
    const poisonedLines = lines.map(({ promotionType, ...line }) => ({ ...poisoned(line), promotionType }));
    return { ...poisoned(content), lines: poisonedLines, cod, paymentMethod: attack };
  };
  faults.add({ kind: 'error', code: attack, on: 'get_order_detail', times: Infinity });
  const dead = await placeOrder(stage);
  await vi.waitFor(async () => expect(await deadLetters()).toBeGreaterThan(0), slow);
  faults.clear();
  const sn = await placeOrder(stage);
  await vi.waitFor(() => expect(ordersInSheet(stage)).toContain(sn), slow);
  // A push with a valid signature may contain any text.
  await pushes.send({ code: 3, shop_id: shopId, data: { ordersn: attack, status: attack } });
  await pushes.send({ code: 99, shop_id: shopId, data: { [attack]: attack } });
  const headers = { authorization: attack.replace(/"/g, ''), 'user-agent': attack, 'x-forwarded-for': attack };
  const stranger = JSON.stringify({ code: 3, data: { ordersn: attack } });
  for (const authorization of [headers.authorization, 'ab'.repeat(32)]) {
    await fetch(`${stage.url}/webhook/shopee`, {
      method: 'POST',
      headers: { ...headers, authorization },
      body: stranger,
    });
  }
  faults.add({ kind: 'error', code: attack, on: 'get_shop_info', times: Infinity });
  return { sn, dead };
}

async function deadLetters(): Promise<number> {
  const stats = (await (await fetch(`${stage.url}/queue/stats`)).json()) as { queue: { deadLetter: number } };
  return stats.queue.deadLetter;
}

/** Opens the collapsed parts of each page that may show outside text. */
const closer: Record<string, (page: Page, found: { sn: string; dead: string }) => Promise<void>> = {
  '/events': async (page, { sn }) => {
    await page.getByText(attack).first().waitFor();
    await page.goto(`${stage.url}/dashboard/events?search=${sn}&code=3`);
    await page.getByRole('link', { name: 'Order status' }).first().click();
    await page.getByRole('tab', { name: 'Payload' }).click();
    await page.getByRole('tab', { name: 'Signature' }).click();
    await page.getByRole('button', { name: 'Dry run' }).click();
    await page.getByRole('dialog').getByRole('switch', { name: 'All columns' }).first().check();
    await page.getByRole('dialog').getByText(attack).first().waitFor();
  },
  '/rejected': async (page) => {
    for (const button of await page.getByRole('button', { name: /signature/i }).all()) await button.click();
    await page.getByText(attack).first().waitFor();
  },
  '/dead-letters': async (page, { dead }) => {
    const row = page.getByRole('row', { name: new RegExp(dead) });
    await row.getByRole('button').click();
    await page.getByRole('dialog').getByText(dead).first().waitFor();
  },
  '/shops': (page) => page.getByText(attack).first().waitFor(),
  '/configuration?tab=tests': async (page) => {
    await page.getByRole('button', { name: 'Call Shopee' }).click();
    await page.getByText(attack).first().waitFor();
  },
};

test('markup from outside is shown as text everywhere', { timeout: 300_000 }, async () => {
  const found = await attackEverywhere();
  const orders = [`/orders/${found.sn}`, `/orders/${encodeURIComponent(attack)}`];
  const page = await stage.enter('/events');
  for (const path of ['/', ...Object.keys(closer), ...orders, '/jobs', '/workers', '/configuration', '/setup']) {
    await page.goto(`${stage.url}/dashboard${path}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.getByRole('status', { name: 'Loading' }).first().waitFor({ state: 'detached' });
    await closer[path]?.(page, found);
    if (path === orders[0]) await page.getByText(attack).first().waitFor();
    const attacked = (await page.evaluate('window.attacked')) !== undefined;
    const images = await page.locator('img[src="x"]').count();
    expect({ path, attacked, images }).toEqual({ path, attacked: false, images: 0 });
  }
});

test('the CSP blocks an injected script', slow, async () => {
  const page = await stage.enter();
  await page.getByRole('heading', { level: 1 }).waitFor();
  const violated = await page.evaluate(`new Promise((resolve) => {
    document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective));
    const script = document.createElement('script');
    script.textContent = 'window.attacked = 1';
    document.body.append(script);
  })`);
  expect(violated).toContain('script-src');
  expect(await page.evaluate('window.attacked')).toBeUndefined();
});

test('a forged cookie leads to the login page', slow, async () => {
  const { hostname: domain } = new URL(stage.url);
  const cookie = { name: 'shopee_webhook_session', domain, path: '/', expires: -1, secure: false } as const;
  const forged = {
    ...cookie,
    value: `${'A'.repeat(80)}%3B${'B'.repeat(32)}`,
    httpOnly: true,
    sameSite: 'Strict' as const,
  };
  const page = await stage.open('/events', { storageState: { cookies: [forged], origins: [] } });
  await page.getByLabel('Password', { exact: true }).waitFor();
  expect((await page.request.get(`${stage.url}/api/events`)).status()).toBe(401);
  expect(await page.getByRole('navigation').count()).toBe(0);
});

test('another site can neither send requests with a visitor’s session nor frame the dashboard', slow, async () => {
  const page = await stage.enter('/workers');
  await page.getByRole('button', { name: 'Pause all' }).waitFor();
  const form = `<form method="post" enctype="text/plain" action="${stage.url}/api/workers/pause"><input name='{"a":"' value='"}'></form>`;
  // Localhost is another site than 127.0.0.1.
  await using other = await serve(
    `<!doctype html><title>other</title><iframe src="${stage.url}/dashboard"></iframe>${form}`,
  );
  await page.goto(other.url);
  const [frame] = page.frames().slice(1);
  expect(await frame?.locator('#root').count()).toBe(0);
  const sent = page.waitForResponse(/api\/workers\/pause/);
  await page.evaluate(`document.forms[0].submit()`);
  expect((await sent).status()).toBe(403);

  const workers = await page.request.get(`${stage.url}/api/workers`);
  expect(await workers.json()).toMatchObject({ paused: false });
});

test('the dashboard cannot be framed by another page', slow, async () => {
  const page = await stage.open();
  const [response] = await Promise.all([page.waitForResponse(/\/dashboard/), page.reload()]);
  expect(response.headers()).toMatchObject({ 'x-frame-options': expect.stringMatching(/deny/i) });
  expect(response.headers()['content-security-policy']).toContain("frame-ancestors 'none'");
});

/** Another site, with one page. */
async function serve(html: string): Promise<AsyncDisposable & { url: string }> {
  const server = createServer((_request, response) => response.setHeader('content-type', 'text/html').end(html));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${String(port)}/`,
    [Symbol.asyncDispose]: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
