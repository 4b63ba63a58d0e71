import type { FastifyRequest } from 'fastify';
import { expect, test } from 'vitest';
import { clientAddress, isHttps } from './auth.ts';

function request(ip: string, headers: Record<string, string> = {}): FastifyRequest {
  return { ip, headers, protocol: 'http' } as unknown as FastifyRequest;
}

test('tries are counted by the address that the own proxy saw', () => {
  expect(clientAddress(request('203.0.113.9'))).toBe('203.0.113.9');
  expect(clientAddress(request('172.18.0.5', { 'x-forwarded-for': '203.0.113.9' }))).toBe('203.0.113.9');
  expect(clientAddress(request('::ffff:127.0.0.1', { 'x-forwarded-for': 'forged, 203.0.113.9' }))).toBe('203.0.113.9');
  expect(clientAddress(request('10.0.0.1', { 'x-forwarded-for': '' }))).toBe('10.0.0.1');
});

test('somebody from outside cannot choose the address', () => {
  expect(clientAddress(request('198.51.100.7', { 'x-forwarded-for': '203.0.113.9' }))).toBe('198.51.100.7');
  expect(clientAddress(request('172.32.0.1', { 'x-forwarded-for': '203.0.113.9' }))).toBe('172.32.0.1');
});

test('https counts up to the proxy', () => {
  expect(isHttps(request('10.0.0.1'))).toBe(false);
  expect(isHttps(request('10.0.0.1', { 'x-forwarded-proto': 'https' }))).toBe(true);
  expect(isHttps(request('10.0.0.1', { 'x-forwarded-proto': 'http, https' }))).toBe(false);
});
