import { createShopee, sandboxApp } from '../../sandbox/src/index.ts';
import { inject, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { smallApp, logIn, get, password } from './dashboard/rig.ts';
import { createForwarder, loadConfig, type Forwarder } from '../src/index.ts';
import { environment, testLog } from './helpers.ts';

const Overview = z.looseObject({ alerts: z.array(z.looseObject({ key: z.string(), text: z.string() })) });
const soon = { timeout: 30_000, interval: 200 };

/** A forwarder with its dashboard, between Redis and a fake for Shopee. */
async function startWorld() {
  const shopee = await createShopee();
  onTestFinished(() => shopee.close());
  const env = environment(inject('redisPort'), {
    DASHBOARD_PASSWORD: password,
    PARTNER_ID: String(sandboxApp.partnerId),
    PARTNER_KEY: sandboxApp.partnerKey,
    WEBHOOK_PARTNER_KEY: sandboxApp.pushKey,
    SHOPEE_API_URL: shopee.url,
  });
  const forwarder = await createForwarder(loadConfig(env), { logger: testLog().logger, dashboardApp: smallApp() });
  return { shopee, forwarder };
}

async function alertsOf(forwarder: Forwarder, cookie: string) {
  const response = await get(forwarder, '/api/overview', { cookie });
  return Overview.parse(JSON.parse(response.body)).alerts;
}

test('a low success rate is alerted before Shopee warns, and unsigned requests do not count', async () => {
  const { forwarder } = await startWorld();
  const send = (authorization: string | undefined) =>
    forwarder.app.inject({
      method: 'POST',
      url: '/webhook/shopee',
      payload: '{"code":3}',
      headers: authorization === undefined ? {} : { authorization },
    });
  for (let n = 0; n < 350; n += 1) await send(undefined);
  await forwarder.start();
  onTestFinished(() => forwarder.stop());
  const cookie = await logIn(forwarder);
  // Two rounds of the rules.
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  expect(await alertsOf(forwarder, cookie)).toEqual([]);

  for (let n = 0; n < 350; n += 1) await send('f'.repeat(64));
  await vi.waitFor(async () => {
    const alert = (await alertsOf(forwarder, cookie)).find(({ key }) => key === 'push-success-rate');
    expect(alert?.text).toContain('Of 350 pushes in the last 6 hours 350 were rejected');
  }, soon);
}, 90_000);

test('a subscription that Shopee suspended is alerted', async () => {
  const { shopee, forwarder } = await startWorld();
  shopee.pushes.health.suspend();
  await forwarder.start();
  onTestFinished(() => forwarder.stop());
  const cookie = await logIn(forwarder);
  await vi.waitFor(
    async () => expect((await alertsOf(forwarder, cookie)).map(({ key }) => key)).toContain('push-subscription'),
    soon,
  );
}, 60_000);
