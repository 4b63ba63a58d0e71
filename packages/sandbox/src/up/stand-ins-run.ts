import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sandboxShops } from '../shopee/create-shopee.ts';
import { startStandIns, type StandIns } from '../stand-ins.ts';
import { given, type Env, type Running, type Say } from './run.ts';

/**
 * The stand-ins and their traffic alone, for a container beside the real services. What both sides must know comes from the
 * environment, under the services' own names; pushes go to WEBHOOK_TARGET_URL. The service account that Google's stand-in
 * knows is written to DATA_DIR/service-account.json.
 */
export async function runStandIns(env: Env, say: Say): Promise<Running> {
  const dataDir = given(env, 'DATA_DIR') ?? 'data';
  const host = given(env, 'HOST') ?? '127.0.0.1';
  const callbackUrl = given(env, 'WEBHOOK_TARGET_URL');
  const text = (name: string, otherwise: string) => given(env, name) ?? otherwise;
  const standIns = await startStandIns({
    stateDir: join(dataDir, 'stand-ins'),
    shopee: {
      host,
      port: Number(text('SHOPEE_PORT', '8101')),
      partnerId: Number(text('PARTNER_ID', '1000001')),
      partnerKey: text('PARTNER_KEY', 'sandbox-partner-key'),
      pushKey: text('WEBHOOK_PARTNER_KEY', 'sandbox-push-key'),
      authorized: [Number(text('SHOP_ID', String(sandboxShops[0]?.shopId)))],
      push: { duplicates: 0.03, retryScale: 0.02 },
      ...(callbackUrl === undefined ? {} : { callbackUrl }),
    },
    google: {
      host,
      port: Number(text('GOOGLE_PORT', '8102')),
      spreadsheet: { id: text('SPREADSHEET_ID', 'sandbox-spreadsheet') },
    },
    telegram: {
      host,
      port: Number(text('TELEGRAM_PORT', '8103')),
      token: text('TELEGRAM_BOT_TOKEN', '1000001:sandbox-bot-token'),
      chats: [{ id: Number(text('TELEGRAM_CHAT_ID', '-1001000000001')) }],
    },
  });
  giveTokens(standIns, env);
  mkdirSync(dataDir, { recursive: true });
  // Readable for the worker's user: what it opens is only this stand-in.
  writeFileSync(join(dataDir, 'service-account.json'), JSON.stringify(standIns.google.credentials), { mode: 0o644 });
  standIns.shopee.traffic.start();
  say(`Shopee ${standIns.shopee.url}/, sheet ${standIns.google.url}, chat ${standIns.telegram.url}/`);
  return { stop: () => standIns.close(), ended: Promise.withResolvers<number>().promise };
}

/** The tokens that the services' environment names; used ones stay used over a restart. */
function giveTokens({ shopee }: StandIns, env: Env): void {
  const shopId = Number(given(env, 'SHOP_ID') ?? sandboxShops[0]?.shopId);
  const accessToken = given(env, 'ACCESS_TOKEN') ?? 'sandbox-access-token';
  const refreshToken = given(env, 'REFRESH_TOKEN') ?? 'sandbox-refresh-token';
  if (!shopee.tokens.knows(refreshToken)) shopee.tokens.issue([`shop:${shopId}`], { accessToken, refreshToken });
}
