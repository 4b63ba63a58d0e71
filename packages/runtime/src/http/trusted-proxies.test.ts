import { expect, test } from 'vitest';
import { TrustedProxies } from './trusted-proxies.ts';

test('nobody is trusted by default', () => {
  expect(new TrustedProxies([]).isTrusted('127.0.0.1')).toBe(false);
});

test('addresses and networks are trusted, also as IPv6 maps them', () => {
  const proxies = new TrustedProxies(['10.1.2.3', '172.18.0.0/16', 'fd00::/8']);
  for (const address of ['10.1.2.3', '::ffff:10.1.2.3', '172.18.9.9', 'fd00::1'])
    expect(proxies.isTrusted(address)).toBe(true);
  for (const address of ['10.1.2.4', '172.19.0.1', 'fe80::1', 'nonsense'])
    expect(proxies.isTrusted(address)).toBe(false);
});

test('a host name is looked up, and again when its container is a new one', async () => {
  let now = 0;
  let address = '172.18.0.5';
  const proxies = new TrustedProxies(['caddy', 'gone'], {
    resolve: async (name) => {
      if (name === 'gone') throw new Error('ENOTFOUND');
      return [address];
    },
    now: () => now,
  });
  await proxies.refresh();
  expect(proxies.isTrusted('172.18.0.5')).toBe(true);
  expect(proxies.isTrusted('172.18.0.6')).toBe(false);
  address = '172.18.0.6';
  now = 31_000;
  proxies.isTrusted('172.18.0.6');
  await Promise.resolve();
  await expect.poll(() => proxies.isTrusted('172.18.0.6')).toBe(true);
  expect(proxies.isTrusted('172.18.0.5')).toBe(false);
});
