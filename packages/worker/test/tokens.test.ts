import { createLogger } from '@shopee-webhook/runtime';
import { ShopeeClient } from '@shopee-webhook/shopee';
import {
  AlertEngine,
  JsonAlertStateFile,
  RedisLocks,
  TokenStore,
  type NewShopTokens,
  type ShopTokens,
} from '@shopee-webhook/store';
import { expect, test, vi } from 'vitest';

import { AccessTokens } from '../src/shops/access-tokens.ts';
import { createWorld, shopId, soon, type World, type WorldOptions } from './world.ts';

const shop = String(shopId);
const refreshPath = '/api/v2/auth/access_token/get';

/** Can store nothing while `full` is set: Redis is unavailable and the disk is full. */
class FillableStore extends TokenStore {
  full = false;

  override async update(shopId: string, change: (tokens: ShopTokens) => NewShopTokens | undefined): Promise<boolean> {
    if (this.full) throw new Error('tokens could be stored nowhere');
    return super.update(shopId, change);
  }
}

/** A process of its own that keeps the same shops' tokens: nothing is shared but Redis and DATA_DIR. */
function processOf(world: World, options: { now?: () => number } = {}) {
  const { redis, keys, config } = world;
  const logger = createLogger({ name: 'test', level: 'silent' });
  const tokens = new FillableStore({ redis, keys, dataDir: config.dataDir });
  const shopee = new ShopeeClient({
    partnerId: config.partner.id,
    partnerKey: config.partner.key,
    baseUrl: config.shopeeUrl,
  });
  const alerts = new AlertEngine({
    local: new JsonAlertStateFile(`${config.dataDir}/alerts.json`),
    owner: 'test',
    logger,
  });
  const keeper = new AccessTokens({
    tokens,
    locks: new RedisLocks({ redis, keys }),
    shopee,
    alerts,
    logger,
    ...options,
  });
  const request = () => keeper.withToken(shop, (auth) => shopee.getShopInfo(auth));
  return { keeper, tokens, shopee, alerts, request };
}

function refreshes(world: World): number {
  return world.shopee.calls.filter(({ path }) => path === refreshPath).length;
}

async function worldWith(options: WorldOptions = {}): Promise<{ world: World; before: ShopTokens }> {
  const world = await createWorld(options);
  const before = await world.tokens.get(shop);
  if (before === undefined) throw new Error('the shop is connected');
  return { world, before };
}

test('an access token that Shopee rejects is refreshed once, by whichever of two processes, and both go on', async () => {
  const { world, before } = await worldWith();
  world.shopee.faults.add({ kind: 'token-revoked', on: 'get_shop_info' });
  const [one, other] = [processOf(world), processOf(world)];
  const names = await Promise.all([one.request(), one.request(), other.request(), other.request()]);
  expect(new Set(names.map((info) => info.shop_name)).size).toBe(1);
  expect(refreshes(world)).toBe(1);
  expect(await world.tokens.get(shop)).not.toMatchObject({ accessToken: before.accessToken });
});

test('a new pair is in the store before anybody uses it', async () => {
  const { world } = await worldWith();
  await world.tokens.save({ ...(await stored(world)), accessExpiresAt: 0 });
  const { keeper, tokens } = processOf(world);
  await keeper.withToken(shop, async ({ accessToken }) => {
    expect((await tokens.get(shop))?.accessToken).toBe(accessToken);
    const file = new TokenStore({ keys: world.keys, dataDir: world.config.dataDir });
    expect((await file.get(shop))?.accessToken).toBe(accessToken);
  });
});

test('an answer lost on the way comes back when the same refresh token is sent again', async () => {
  const { world } = await worldWith();
  await world.tokens.save({ ...(await stored(world)), accessExpiresAt: 0 });
  world.shopee.faults.add({ kind: 'response-lost', on: refreshPath });
  expect(await processOf(world).request()).toMatchObject({ region: 'SG' });
  expect((await stored(world)).state).toBe('active');
});

test('a crash between Shopee’s answer and the store is recovered by the next process', async () => {
  const { world, before } = await worldWith();
  const crashed = processOf(world);
  // The pair is rotated at Shopee's and nobody here knows the new one.
  const lost = await crashed.shopee.refreshTokens({ refreshToken: before.refreshToken, shopId: shop });
  await world.tokens.save({ ...before, accessExpiresAt: 0 });
  await processOf(world).request();
  expect(await stored(world)).toMatchObject({ accessToken: lost.accessToken, refreshToken: lost.refreshToken });
});

test('a dead refresh token stops this shop only, and says so once', async () => {
  const { world, before } = await worldWith({ shopee: { settings: { resendRefresh: false } } });
  const one = processOf(world);
  await one.shopee.refreshTokens({ refreshToken: before.refreshToken, shopId: shop });
  await world.tokens.save({ ...before, accessExpiresAt: 0 });
  await expect(one.request()).rejects.toThrow('not-authorized');
  await expect(one.request()).rejects.toThrow('not-authorized');
  expect(await stored(world)).toMatchObject({ state: 'expired', refreshToken: before.refreshToken });
  expect(one.alerts.active()).toMatchObject([{ key: `shop:${shop}` }]);
  expect(refreshes(world)).toBe(2);
});

test('a refresh token that another process has rotated meanwhile is no reason to give the shop up', async () => {
  const { world, before } = await worldWith({ shopee: { settings: { resendRefresh: false } } });
  const [slow, quick] = [processOf(world), processOf(world)];
  await world.tokens.save({ ...before, accessExpiresAt: 0 });
  const stale = await stored(world);
  await quick.request();
  // The slow one still holds the old pair when it asks.
  await slow.keeper.withToken(shop, (auth) => slow.shopee.getShopInfo(auth));
  expect(await stored(world)).toMatchObject({ state: 'active' });
  expect((await stored(world)).refreshToken).not.toBe(stale.refreshToken);
  expect(refreshes(world)).toBe(1);
});

test('a shop that is disconnected while its tokens are renewed stays without', async () => {
  const { world, before } = await worldWith();
  await world.tokens.save({ ...before, accessExpiresAt: 0 });
  const { request, tokens, keeper } = processOf(world);
  const change = tokens.update.bind(tokens);
  // The last moment at which it can happen: Shopee has answered, and nothing is stored yet.
  vi.spyOn(tokens, 'update').mockImplementationOnce(async (...renewal) => {
    await world.tokens.revoke(shop, 'a person said so');
    return change(...renewal);
  });
  await expect(request()).rejects.toThrow('not-authorized');
  await keeper.refreshDue();
  expect(await stored(world)).toMatchObject({ state: 'revoked', accessToken: '', refreshToken: '' });
});

test('a Shopee that cannot be reached is no reason to give the shop up', async () => {
  const { world, before } = await worldWith();
  await world.tokens.save({ ...before, accessExpiresAt: 0 });
  world.shopee.faults.add({ kind: 'html-502', on: refreshPath, times: Infinity });
  const { request } = processOf(world);
  await expect(request()).rejects.toThrow('token-refresh-failed');
  expect(await stored(world)).toMatchObject({ state: 'active', refreshToken: before.refreshToken });
  world.shopee.faults.clear();
  await request();
});

test('tokens are renewed by the chore at three quarters of their life, before any call needs it', async () => {
  const { world, before } = await worldWith();
  const hour = 3_600_000;
  const clock = { now: before.updatedAt + 2 * hour };
  const { keeper } = processOf(world, { now: () => clock.now });
  await keeper.refreshDue();
  expect(refreshes(world)).toBe(0);
  clock.now = before.updatedAt + 3.7 * hour;
  await keeper.refreshDue();
  expect(refreshes(world)).toBe(1);
});

test('a change of a shop’s state does not undo a renewal that happens meanwhile', async () => {
  const { world, before } = await worldWith();
  await world.tokens.save({ ...before, accessExpiresAt: 0 });
  const [one, other] = [processOf(world), processOf(world)];
  const changes = Array.from({ length: 10 }, (_, at) =>
    other.keeper.change(shop, (known) => ({ ...known, shopName: `name ${String(at)}` })),
  );
  await Promise.all([one.request(), ...changes]);
  const after = await stored(world);
  expect(after.refreshToken).not.toBe(before.refreshToken);
  expect(after.shopName).toMatch(/^name/);
  await world.tokens.save({ ...after, accessExpiresAt: 0 });
  await one.request();
});

/** A process that was given a new pair and could not store it, and another; Shopee takes a refresh token once only. */
async function worldWithUnsavedPair() {
  const { world, before } = await worldWith({ shopee: { settings: { resendRefresh: false } } });
  await world.tokens.save({ ...before, accessExpiresAt: 0 });
  const [holder, other] = [processOf(world), processOf(world)];
  holder.tokens.full = true;
  await expect(holder.request()).rejects.toThrow('tokens-unavailable');
  expect(refreshes(world)).toBe(1);
  const recover = () => {
    holder.tokens.full = false;
  };
  return { world, before, holder, other, recover };
}

test.each(['holder', 'other'] as const)(
  'a pair that could be stored nowhere outlives a change of the shop by its %s process',
  async (who) => {
    const { world, before, recover, ...processes } = await worldWithUnsavedPair();
    recover();
    await processes[who].keeper.change(shop, (known) => ({ ...known, authorizationExpiresAt: 5, state: 'revoked' }));
    await processes.holder.keeper.refreshDue();
    expect(await stored(world)).toMatchObject({ authorizationExpiresAt: 5, state: 'revoked' });
    expect((await stored(world)).refreshToken).not.toBe(before.refreshToken);
    await processes.other.keeper.change(shop, (known) => ({ ...known, state: 'active' }));
    for (const { request } of [processes.holder, processes.other])
      expect(await request()).toMatchObject({ region: 'SG' });
    expect(refreshes(world)).toBe(1);
  },
);

test('nothing of a shop is changed while a new pair can be stored nowhere', async () => {
  const { world, before, holder, recover } = await worldWithUnsavedPair();
  const change = () => holder.keeper.change(shop, (known) => ({ ...known, shopName: 'changed' }));
  await expect(change()).rejects.toThrow('tokens-unavailable');
  await expect(holder.request()).rejects.toThrow('tokens-unavailable');
  expect(await stored(world)).toMatchObject({ shopName: before.shopName, refreshToken: before.refreshToken });
  recover();
  await change();
  expect((await stored(world)).refreshToken).not.toBe(before.refreshToken);
  expect(refreshes(world)).toBe(1);
});

test('a shop that another process gave up is taken back by the one that holds its new pair', async () => {
  const { world, holder, other, recover } = await worldWithUnsavedPair();
  await expect(other.request()).rejects.toThrow('not-authorized');
  expect(await stored(world)).toMatchObject({ state: 'expired' });
  recover();
  await holder.keeper.refreshDue();
  expect((await stored(world)).reason).toBeUndefined();
  for (const { request } of [holder, other]) expect(await request()).toMatchObject({ region: 'SG' });
});

test('a shop that was connected again keeps that pair, not one that could not be stored before', async () => {
  const { world, holder, recover } = await worldWithUnsavedPair();
  await world.connect(shopId);
  const connected = await stored(world);
  recover();
  await holder.request();
  expect(await stored(world)).toMatchObject(connected);
});

test('the shop of the environment is taken at start, renewed, and used', async () => {
  const world = await createWorld({ connected: [] });
  const { accessToken, refreshToken } = world.shopee.issueTokens(shopId);
  await world.startWorker((config) => ({ ...config, seed: { shopId: shop, accessToken, refreshToken } }));
  await world.enqueue([world.place()]);
  await vi.waitFor(() => expect(world.rows('Orders')).toHaveLength(1), soon);
  expect(refreshes(world)).toBe(1);
  expect((await stored(world)).refreshToken).not.toBe(refreshToken);
});

async function stored(world: World): Promise<ShopTokens> {
  const tokens = await world.tokens.get(shop);
  if (tokens === undefined) throw new Error('the shop is gone');
  return tokens;
}
