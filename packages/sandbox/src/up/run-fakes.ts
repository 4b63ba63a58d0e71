import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sandboxShops } from '../shopee/create-shopee.ts';
import { startFakes, type Fakes } from '../stack/fakes.ts';
import { envValue, type Env, type Running, type Print } from './running.ts';

/**
 * The fakes and their traffic alone, for a container beside the real services. What both sides must know comes from the
 * environment, under the services' own names; pushes go to WEBHOOK_TARGET_URL. The service account that Google's fake
 * knows is written to DATA_DIR/service-account.json.
 */
export async function runFakes(env: Env, print: Print): Promise<Running> {
  const dataDir = envValue(env, 'DATA_DIR') ?? 'data';
  const host = envValue(env, 'HOST') ?? '127.0.0.1';
  const callbackUrl = envValue(env, 'WEBHOOK_TARGET_URL');
  const text = (name: string, otherwise: string) => envValue(env, name) ?? otherwise;
  const fakes = await startFakes({
    stateDir: join(dataDir, 'fakes'),
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
  giveTokens(fakes, env);
  mkdirSync(dataDir, { recursive: true });
  // Readable for the worker's user: what it opens is only this fake.
  writeFileSync(join(dataDir, 'service-account.json'), JSON.stringify(fakes.google.credentials), { mode: 0o644 });
  fakes.shopee.traffic.start();
  print(`Shopee ${fakes.shopee.url}/, sheet ${fakes.google.url}, chat ${fakes.telegram.url}/`);
  return { stop: () => fakes.close(), ended: Promise.withResolvers<number>().promise };
}

/** The tokens that the services' environment names; used ones stay used over a restart. */
function giveTokens({ shopee }: Fakes, env: Env): void {
  const shopId = Number(envValue(env, 'SHOP_ID') ?? sandboxShops[0]?.shopId);
  const accessToken = envValue(env, 'ACCESS_TOKEN') ?? 'sandbox-access-token';
  const refreshToken = envValue(env, 'REFRESH_TOKEN') ?? 'sandbox-refresh-token';
  if (!shopee.tokens.has(refreshToken)) shopee.tokens.issue([`shop:${shopId}`], { accessToken, refreshToken });
}
