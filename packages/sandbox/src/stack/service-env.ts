import { sandboxChatId } from '../telegram/telegram.ts';
import type { Fakes } from './fakes.ts';

export interface ServiceEnvOptions {
  forwarderPort: number;
  workerPort: number;
  /** Without: REDIS_ENABLED=false. */
  redisPort?: number | undefined;
  dataDir: string;
  logDir: string;
  /** The shop that the environment names, with its tokens. */
  shop?: { shopId: number; accessToken: string; refreshToken: string } | undefined;
}

/** The environment with which forwarder and worker run against the fakes. */
export function serviceEnv(fakes: Fakes, options: ServiceEnvOptions): Record<string, string> {
  const { shopee, google, telegram } = fakes;
  const { redisPort, shop } = options;
  const base = `http://127.0.0.1:${options.forwarderPort}`;
  return {
    HOST: '127.0.0.1',
    FORWARDER_PORT: String(options.forwarderPort),
    WORKER_PORT: String(options.workerPort),
    DATA_DIR: options.dataDir,
    LOG_DIR: options.logDir,
    PARTNER_ID: String(shopee.app.partnerId),
    PARTNER_KEY: shopee.app.partnerKey,
    WEBHOOK_PARTNER_KEY: shopee.app.pushKey,
    WEBHOOK_URL: `${base}/webhook/shopee`,
    PUBLIC_URL: base,
    FORWARD_WEBHOOK_URL: `http://127.0.0.1:${options.workerPort}/webhook/process`,
    SHOP_ID: shop === undefined ? '' : String(shop.shopId),
    ACCESS_TOKEN: shop?.accessToken ?? '',
    REFRESH_TOKEN: shop?.refreshToken ?? '',
    SHOPEE_API_URL: shopee.url,
    GOOGLE_CREDENTIALS_JSON: JSON.stringify(google.credentials),
    SPREADSHEET_ID: google.spreadsheetId,
    GOOGLE_SHEETS_API_URL: google.url,
    GOOGLE_TOKEN_URL: google.tokenUrl,
    TELEGRAM_BOT_TOKEN: telegram.token,
    TELEGRAM_CHAT_ID: String(telegram.chats()[0]?.id ?? sandboxChatId),
    TELEGRAM_API_URL: telegram.url,
    ...redisEnv(redisPort),
  };
}

/** Empty texts count as not set: nothing of the caller's own environment gets through. */
function redisEnv(port: number | undefined): Record<string, string> {
  const none = { REDIS_USERNAME: '', REDIS_PASSWORD: '', REDIS_TLS: '', REDIS_SENTINELS: '', REDIS_CLUSTER_NODES: '' };
  if (port === undefined) return { ...none, REDIS_ENABLED: 'false' };
  return {
    ...none,
    REDIS_SENTINEL_MASTER: '',
    REDIS_ENABLED: 'true',
    REDIS_HOST: '127.0.0.1',
    REDIS_PORT: String(port),
  };
}
