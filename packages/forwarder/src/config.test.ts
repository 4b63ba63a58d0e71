import { ConfigError } from '@shopee-webhook/runtime';
import { describe, expect, test } from 'vitest';
import { describeConfig, loadConfig, listSecrets } from './config.ts';

const enough = {
  PARTNER_ID: '1000001',
  PARTNER_KEY: 'api-key-secret',
  WEBHOOK_PARTNER_KEY: 'push-key-secret',
  FORWARD_WEBHOOK_URL: 'http://worker:9000/webhook/process',
};

function faultsOf(env: Record<string, string>): string {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('the environment was accepted');
}

describe('loadConfig', () => {
  test('needs four variables; the rest has defaults', () => {
    const config = loadConfig(enough);
    expect(config).toMatchObject({
      http: { host: '0.0.0.0', port: 8000 },
      redis: { enabled: true, keyPrefix: 'shopee', maxRetries: 3, address: { host: 'redis', port: 6379 } },
      push: { url: undefined, keys: ['push-key-secret', 'api-key-secret'] },
      shopee: { orderEventCodes: [3, 4], shop: undefined },
      telegram: undefined,
    });
  });

  test('WEBHOOK_PARTNER_KEY lists the current and previous keys; PARTNER_KEY is tried last, once', () => {
    const keysOf = (keys: string) => loadConfig({ ...enough, WEBHOOK_PARTNER_KEY: keys }).push.keys;
    expect(keysOf('new, old')).toEqual(['new', 'old', 'api-key-secret']);
    expect(keysOf('api-key-secret')).toEqual(['api-key-secret']);
  });

  test('WEBHOOK_URL is taken letter by letter', () => {
    const url = 'https://Shop.example:443/webhook/shopee/?a=1';
    expect(loadConfig({ ...enough, WEBHOOK_URL: url }).push.url).toBe(url);
  });

  test('one message names every fault and prints no value', () => {
    const message = faultsOf({
      PARTNER_KEY: 'value-a',
      WEBHOOK_URL: 'value-b',
      FORWARDER_PORT: 'value-c',
      DASHBOARD_PASSWORD: 'valued',
    });
    for (const name of [
      'PARTNER_ID',
      'WEBHOOK_PARTNER_KEY',
      'FORWARD_WEBHOOK_URL',
      'WEBHOOK_URL',
      'FORWARDER_PORT',
      'DASHBOARD_PASSWORD',
    ]) {
      expect(message).toContain(name);
    }
    expect(message).not.toContain('value');
  });

  test('variables that belong together are asked for together', () => {
    expect(faultsOf({ ...enough, SHOP_ID: '700000001' })).toContain('ACCESS_TOKEN');
    expect(faultsOf({ ...enough, TELEGRAM_BOT_TOKEN: '123456:ABC-DEF' })).toContain('TELEGRAM_CHAT_ID');
    expect(faultsOf({ ...enough, REDIS_SENTINELS: 'a:1' })).toContain('REDIS_SENTINEL_MASTER');
  });

  test('what is shown of it holds no secret', () => {
    const config = loadConfig({
      ...enough,
      REDIS_PASSWORD: 'redis-secret',
      SHOP_ID: '700000001',
      ACCESS_TOKEN: 'access-secret',
      REFRESH_TOKEN: 'refresh-secret',
      TELEGRAM_BOT_TOKEN: '123456:bot-secret',
      TELEGRAM_CHAT_ID: '-1001',
      DASHBOARD_PASSWORD: 'dashboard-secret',
    });
    expect(JSON.stringify(describeConfig(config))).not.toContain('secret');
    expect(new Set(listSecrets(config).filter((secret) => secret?.includes('secret') === true)).size).toBe(7);
  });
});
