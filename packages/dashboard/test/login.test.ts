import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createStage, logIn, slow, startTimeout, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
}, startTimeout);
afterEach(() => stage.closeWindows());
afterAll(() => stage[Symbol.asyncDispose]());

test('logging in leads to the requested page', slow, async () => {
  const page = await stage.open('/rejected');
  await page.getByRole('heading', { name: 'Shopee Webhook' }).waitFor();
  await logIn(page);
  await page.getByRole('heading', { name: 'Rejected', exact: true }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Rejected', exact: true }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/dashboard/rejected');
});

test('logging out ends the session', slow, async () => {
  const page = await stage.open();
  await logIn(page);
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByLabel('Password', { exact: true }).waitFor();
  await page.reload();
  await page.getByLabel('Password', { exact: true }).waitFor();
  expect(await page.getByRole('navigation').count()).toBe(0);
});

test('a session ended elsewhere ends here too', slow, async () => {
  const page = await stage.enter('/events');
  await page.getByRole('link', { name: 'Rejected' }).waitFor();
  await page.context().clearCookies();
  // In the page itself: it may have noticed already, and the link be gone.
  await page.evaluate(`document.querySelector('a[href$="/rejected"]')?.click()`);
  await page.getByLabel('Password', { exact: true }).waitFor();
  expect(await page.getByRole('navigation').count()).toBe(0);
});

test('a wrong password is rejected, and after five attempts there is a delay', slow, async () => {
  // Another address, so that the tries of the other tests do not count.
  const page = await stage.open('/', { extraHTTPHeaders: { 'x-forwarded-for': '198.51.100.7' } });
  const box = page.getByLabel('Password', { exact: true });
  for (let tries = 0; tries < 5; tries += 1) {
    await box.fill(`guess ${String(tries)}`);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText(/wrong password|this is not the password/i).waitFor();
    await box.fill('');
  }
  await box.fill('guess');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByText(/too many tries: wait \d+ s/).waitFor();
  expect(await page.getByRole('navigation').count()).toBe(0);
});
