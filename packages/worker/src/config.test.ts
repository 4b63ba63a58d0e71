import { ConfigError } from '@shopee-webhook/runtime';
import { expect, test } from 'vitest';
import { loadConfig } from './config.ts';

const privateKey = '-----BEGIN PRIVATE KEY-----\\nMII\\n-----END PRIVATE KEY-----\\n';
const account = `{"type":"service_account","client_email":"w@x.iam.gserviceaccount.com","private_key":"${privateKey}"}`;
const env = {
  PARTNER_ID: '1000001',
  PARTNER_KEY: 'not-a-credential',
  SHOP_ID: '700000001',
  ACCESS_TOKEN: 'access-token-value',
  REFRESH_TOKEN: 'refresh-token-value',
  GOOGLE_CREDENTIALS_JSON: account,
  SPREADSHEET_ID: '1AbC_d-3',
  WORKER_PORT: '9001',
};

function faultsOf(change: Record<string, string | undefined>): string {
  try {
    loadConfig({ ...env, ...change });
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('the environment was accepted');
}

test('the defaults are those of the documentation', () => {
  const config = loadConfig(env);
  expect(config).toMatchObject({
    port: 9001,
    host: '0.0.0.0',
    consumers: { count: 3, batchSize: 50, maxRetries: 3 },
    orderEventCodes: [3, 4],
    redis: { keyPrefix: 'shopee', allowUnsafe: false, address: { host: 'redis', port: 6379 } },
    seed: { shopId: '700000001' },
    sheets: { rotation: 'never', summary: true, spreadsheets: { default: '1AbC_d-3' } },
  });
  expect(config.workerId).toMatch(/-9001$/);
});

test('all faults come in one message, which prints no value', () => {
  const message = faultsOf({
    PARTNER_KEY: '',
    SPREADSHEET_ID: '1:2:3',
    WORKER_BATCH_SIZE: '0',
    GOOGLE_CREDENTIALS_JSON: '{"type":"authorized_user","private_key":"top-secret"}',
  });
  for (const name of ['PARTNER_KEY', 'SPREADSHEET_ID', 'WORKER_BATCH_SIZE', 'GOOGLE_CREDENTIALS_JSON']) {
    expect(message).toContain(name);
  }
  expect(message).not.toContain('top-secret');
  expect(message).not.toContain('1:2:3');
});

test('the shop’s tokens may all be missing, but not some of them', () => {
  const none = { SHOP_ID: undefined, ACCESS_TOKEN: undefined, REFRESH_TOKEN: undefined };
  expect(loadConfig({ ...env, ...none }).seed).toBeUndefined();
  expect(faultsOf({ REFRESH_TOKEN: '' })).toContain('REFRESH_TOKEN');
});

test('each shop may have a spreadsheet of its own, beside one for the rest', () => {
  const { spreadsheets } = loadConfig({ ...env, SPREADSHEET_ID: '7:aaa, 8:bbb, ccc' }).sheets;
  expect([...spreadsheets.byShop]).toEqual([
    ['7', 'aaa'],
    ['8', 'bbb'],
  ]);
  expect(spreadsheets).toMatchObject({ default: 'ccc', all: ['ccc', 'aaa', 'bbb'] });
});

test('REDIS_ENABLED=false needs nothing of Redis', () => {
  expect(loadConfig({ ...env, REDIS_ENABLED: 'false' }).redis).toBeUndefined();
});
