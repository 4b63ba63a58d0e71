import { expect, test } from 'vitest';
import { clientAddress } from './auth.ts';

test('login attempts are counted by address', () => {
  expect(clientAddress({ ip: '203.0.113.9' })).toBe('203.0.113.9');
  expect(clientAddress({ ip: '::ffff:203.0.113.9' })).toBe('203.0.113.9');
});

test('the addresses of one IPv6 network are counted together', () => {
  const network = '2001:db8:1:2::/64';
  for (const ip of ['2001:db8:1:2::1', '2001:0db8:0001:0002:aaaa:bbbb:cccc:dddd', '2001:DB8:1:2:ffff::'])
    expect(clientAddress({ ip })).toBe(network);
  expect(clientAddress({ ip: '2001:db8:1:3::1' })).not.toBe(network);
  expect(clientAddress({ ip: '::1' })).toBe('0:0:0:0::/64');
  expect(clientAddress({ ip: 'fe80::1%eth0' })).toBe('fe80:0:0:0::/64');
});
