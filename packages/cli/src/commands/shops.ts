import { createHash } from 'node:crypto';
import { commonEnv, httpUrl, readEnv, systemClock } from '@shopee-webhook/runtime';
import { authorizationUrl, createAuthorizationState } from '@shopee-webhook/shopee';
import type { ShopTokens, TokenStore } from '@shopee-webhook/store';
import type { Command } from 'commander';
import { z } from 'zod';
import { usesRedis, withRedis } from '../clients/redis.ts';
import { table, formatTime, type Shell } from '../output/shell.ts';
import { openTokenStore } from '../clients/shops.ts';

const { PARTNER_ID, PARTNER_KEY, SHOPEE_API_URL } = commonEnv;
const Env = z.object({ PARTNER_ID, PARTNER_KEY, SHOPEE_API_URL, PUBLIC_URL: httpUrl });

/** `shops list`, `shops tokens` and `shops connect`. Tokens themselves are never shown. */
export function addShops(program: Command, shell: Shell): void {
  const shops = program.command('shops').description('connected shops');
  shops
    .command('list')
    .description('shops and when their authorization expires')
    .action(async () => printShops(await withStore(shell, listShops), shell));
  shops
    .command('tokens')
    .description('age and fingerprint of each token; tokens themselves are never shown')
    .action(async () => printTokens((await withStore(shell, (store) => store.list())).map(tokenInfo), shell));
  shops
    .command('connect')
    .description('print a link for a seller to connect a shop; valid for half an hour')
    .action(() => {
      const env = readEnv(Env, shell.env);
      const url = authorizationUrl({
        apiUrl: env.SHOPEE_API_URL,
        partnerId: env.PARTNER_ID,
        redirectUrl: `${env.PUBLIC_URL.replace(/(?<!\/)\/+$/, '')}/auth/shopee/callback`,
        state: createAuthorizationState(env.PARTNER_KEY, systemClock.wallMs(), 'cli'),
      });
      shell.show({ url }, () => ['Open this as the shop’s owner, within half an hour:', url]);
    });
}

/** Over Redis and DATA_DIR; DATA_DIR alone with REDIS_ENABLED=false. */
async function withStore<T>({ env }: Shell, use: (store: TokenStore) => Promise<T>): Promise<T> {
  if (!usesRedis(env)) return use(openTokenStore(env, undefined));
  return withRedis(env, (link) => use(openTokenStore(env, link)));
}

const none = 'no shop connected: shopee-webhook shops connect';

type ListedShop = Partial<Omit<ShopTokens, 'shopId' | 'state'>> & {
  shopId: string;
  state: ShopTokens['state'] | 'unconnected';
};

/** Including shops without tokens, whose events wait. */
async function listShops(store: TokenStore): Promise<ListedShop[]> {
  const [connected, unconnected] = await Promise.all([store.list(), store.listShopsWithoutTokens()]);
  return [
    ...connected.map(({ accessToken: _access, refreshToken: _refresh, ...rest }) => rest),
    ...unconnected.map((shopId) => ({ shopId, state: 'unconnected' as const })),
  ];
}

function printShops(shops: ListedShop[], shell: Shell): void {
  shell.show(shops, () =>
    shops.length === 0
      ? [none]
      : table(
          ['shop', 'name', 'region', 'state', 'access until', 'authorized until', 'reason'],
          shops.map((shop) => [
            shop.shopId,
            shop.shopName ?? '-',
            shop.region ?? '-',
            shop.state,
            formatTime(shop.accessExpiresAt),
            formatTime(shop.authorizationExpiresAt),
            shop.reason ?? '',
          ]),
        ),
  );
}

function tokenInfo({ shopId, state, accessToken, refreshToken, ...times }: ShopTokens) {
  const { accessExpiresAt, refreshExpiresAt, updatedAt } = times;
  return {
    shopId,
    state,
    access: fingerprint(accessToken),
    refresh: fingerprint(refreshToken),
    accessExpiresAt,
    refreshExpiresAt,
    updatedAt,
  };
}

/** The first digits of a token's SHA-256, to compare two places; '-' for a disconnected shop. */
function fingerprint(token: string): string {
  return token === '' ? '-' : createHash('sha256').update(token).digest('hex').slice(0, 12);
}

function printTokens(shops: ReturnType<typeof tokenInfo>[], shell: Shell): void {
  const lines = shops.map((one) => [
    one.shopId,
    one.state,
    formatTime(one.updatedAt),
    one.access,
    formatTime(one.accessExpiresAt),
    one.refresh,
    formatTime(one.refreshExpiresAt),
  ]);
  const heading = ['shop', 'state', 'renewed', 'access token', 'until', 'refresh token', 'until'];
  shell.show(shops, () => (shops.length === 0 ? [none] : table(heading, lines)));
}
