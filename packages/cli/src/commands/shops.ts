import { commonEnv, httpUrl, readEnv } from '@shopee-webhook/runtime';
import { authorizationUrl, makeAuthorizationState } from '@shopee-webhook/shopee';
import type { Command } from 'commander';
import { z } from 'zod';
import { withRedis } from '../redis-link.ts';
import { table, timeText, type Shell } from '../shell.ts';
import { tokenStore } from '../shops.ts';

const { PARTNER_ID, PARTNER_KEY, SHOPEE_API_URL } = commonEnv;
const Env = z.object({ PARTNER_ID, PARTNER_KEY, SHOPEE_API_URL, PUBLIC_URL: httpUrl });

/** `shops list` and `shops connect`. Tokens themselves are never shown. */
export function addShops(program: Command, shell: Shell): void {
  const shops = program.command('shops').description('connected shops');
  shops
    .command('list')
    .description('shops and how long their authorisation lasts')
    .action(() =>
      withRedis(shell.env, async (link) => {
        const all = await tokenStore(shell.env, link).list();
        const shown = all.map(({ accessToken: _access, refreshToken: _refresh, ...rest }) => rest);
        shell.show(shown, () =>
          shown.length === 0
            ? ['no shop is connected: shopee-webhook shops connect']
            : table(
                ['shop', 'name', 'region', 'state', 'access until', 'authorised until', 'reason'],
                shown.map((shop) => [
                  shop.shopId,
                  shop.shopName ?? '-',
                  shop.region ?? '-',
                  shop.state,
                  timeText(shop.accessExpiresAt),
                  timeText(shop.authorizationExpiresAt),
                  shop.reason ?? '',
                ]),
              ),
        );
      }),
    );
  shops
    .command('connect')
    .description('print the link on which a seller connects a shop; good for half an hour')
    .action(() => {
      const env = readEnv(Env, shell.env);
      const url = authorizationUrl({
        apiUrl: env.SHOPEE_API_URL,
        partnerId: env.PARTNER_ID,
        redirectUrl: `${env.PUBLIC_URL.replace(/\/+$/, '')}/auth/shopee/callback`,
        state: makeAuthorizationState(env.PARTNER_KEY),
      });
      shell.show({ url }, () => ['Open this as the shop’s owner, within half an hour:', url]);
    });
}
