import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { commonEnv, portsEnv, toRedisEndpoint, redisEnv } from './env-schemas.ts';
import { ConfigError, readEnv } from './env.ts';

const schema = z.object({ ...commonEnv, ...redisEnv, ...portsEnv });
const enough = { PARTNER_ID: '1000001', PARTNER_KEY: 'shpk-very-secret' };

function faultsOf(env: Record<string, string>): string {
  try {
    readEnv(schema, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('the environment was accepted');
}

describe('readEnv', () => {
  test('applies the defaults', () => {
    const env = readEnv(schema, enough);
    expect(env).toMatchObject({
      REDIS_ENABLED: true,
      REDIS_PORT: 6379,
      FORWARDER_PORT: 8000,
      ORDER_EVENT_CODES: [3, 4],
    });
  });

  test('an empty string counts as not set', () => {
    expect(readEnv(schema, { ...enough, REDIS_PORT: '', LOG_LEVEL: ' ' })).toMatchObject({
      REDIS_PORT: 6379,
      LOG_LEVEL: 'info',
    });
    expect(faultsOf({ ...enough, PARTNER_KEY: '' })).toContain('PARTNER_KEY is not set');
  });

  test('one message names every fault and prints no value', () => {
    const message = faultsOf({
      PARTNER_ID: 'abc-value',
      REDIS_PORT: '70000',
      REDIS_TLS: 'perhaps-value',
      LOG_LEVEL: 'loud-value',
      REDIS_SENTINELS: 'nohost-value',
      SHOPEE_API_URL: 'ftp://value',
      ORDER_EVENT_CODES: '3,x-value',
    });
    const names = [
      'PARTNER_ID',
      'PARTNER_KEY',
      'REDIS_PORT',
      'REDIS_TLS',
      'LOG_LEVEL',
      'REDIS_SENTINELS',
      'SHOPEE_API_URL',
      'ORDER_EVENT_CODES',
    ];
    for (const name of names) expect(message).toContain(name);
    expect(message).not.toMatch(/value|70000/);
  });

  test('false is false', () => {
    expect(readEnv(schema, { ...enough, REDIS_ENABLED: 'false' }).REDIS_ENABLED).toBe(false);
  });

  test('addresses of sentinels and cluster nodes are lists', () => {
    const env = readEnv(schema, {
      ...enough,
      REDIS_SENTINELS: 'a:26379, [::1]:26380',
      REDIS_SENTINEL_MASTER: 'shopee',
    });
    expect(toRedisEndpoint(env)).toMatchObject({
      sentinels: [
        { host: 'a', port: 26_379 },
        { host: '::1', port: 26_380 },
      ],
      sentinelMaster: 'shopee',
      clusterNodes: undefined,
    });
  });
});
