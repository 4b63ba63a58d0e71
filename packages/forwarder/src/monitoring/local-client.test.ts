import type { FastifyRequest } from 'fastify';
import { expect, test } from 'vitest';
import { isLocal, parseGateway } from './local-client.ts';

const from = (remoteAddress: string, headers: Record<string, string> = {}) =>
  isLocal({ socket: { remoteAddress }, headers } as unknown as FastifyRequest);

test('loopback is local, unless a proxy passes on somebody else', () => {
  for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) expect(from(address)).toBe(true);
  expect(from('203.0.113.1')).toBe(false);
  expect(from('127.0.0.1', { 'x-forwarded-for': '203.0.113.1' })).toBe(false);
  expect(from('127.0.0.1', { forwarded: 'for=203.0.113.1' })).toBe(false);
});

test('the gateway of the default route is read', () => {
  const table = 'Iface\tDestination\tGateway \tFlags\neth0\t00000000\t010012AC\t0003\neth0\t000012AC\t00000000\t0001\n';
  expect(parseGateway(table)).toBe('172.18.0.1');
  expect(parseGateway('Iface\tDestination\n')).toBeUndefined();
});
