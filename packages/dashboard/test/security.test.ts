import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createStage, placeOrder, shopId, slow, toStart, type Stage } from './stage.ts';

const attack = '<img src=x onerror="window.attacked=1"><script>window.attacked=1</script>';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
}, toStart);
afterEach(() => stage.closeWindows());
afterAll(() => stage[Symbol.asyncDispose]());

test('a buyer with a name of markup stays text on every page that shows it', slow, async () => {
  const { book, pushes } = stage.sandbox.shopee;
  const factsOf = book.factsOf.bind(book);
  book.factsOf = (record) => {
    const facts = factsOf(record);
    return { ...facts, buyer: { ...facts.buyer, name: attack, username: attack } };
  };
  const sn = await placeOrder(stage);
  // Whoever has the key may push any text; an order number is the one that goes everywhere.
  await pushes.send({ code: 3, shop_id: shopId, data: { ordersn: attack, status: attack } });
  await fetch(`${stage.url}/webhook/shopee`, {
    method: 'POST',
    headers: { authorization: attack.replace(/"/g, ''), 'user-agent': attack, 'content-type': 'application/json' },
    body: JSON.stringify({ code: 3, data: { ordersn: attack } }),
  });

  const page = await stage.enter('/events');
  const paths = ['/events', '/refused', '/dead-letters', `/orders/${sn}`, `/orders/${encodeURIComponent(attack)}`, '/'];
  for (const path of paths) {
    await page.goto(`${stage.url}/dashboard${path}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForLoadState('load');
    if (path === '/events') await page.getByText(attack).first().waitFor();
    if (path === '/refused')
      await page
        .getByRole('button', { name: /signature/i })
        .first()
        .click();
    if (path === `/orders/${sn}`) await page.getByText(attack).first().waitFor();
    const attacked = (await page.evaluate('window.attacked')) !== undefined;
    const images = await page.locator('img[src="x"]').count();
    expect({ path, attacked, images }).toEqual({ path, attacked: false, images: 0 });
  }
});

test('a script that got into the page after all would not run', slow, async () => {
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

test('the dashboard cannot be framed by another page', slow, async () => {
  const page = await stage.open();
  const [answer] = await Promise.all([page.waitForResponse(/\/dashboard/), page.reload()]);
  expect(answer.headers()).toMatchObject({ 'x-frame-options': expect.stringMatching(/deny/i) });
  expect(answer.headers()['content-security-policy']).toContain("frame-ancestors 'none'");
});
