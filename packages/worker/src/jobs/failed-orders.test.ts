import { ShopeeError } from '@shopee-webhook/shopee';
import { expect, test } from 'vitest';
import { ProcessingFailedError, UpstreamUnavailableError } from '../consumer/errors.ts';
import { FailedOrders } from './failed-orders.ts';

function setUp() {
  const told: string[] = [];
  const failed: Record<string, string> = {};
  const alerts = {
    raise: async (key: string) => void told.push(`begin ${key}`),
    resolve: async (key: string) => void told.push(`end ${key}`),
  };
  const unwritten = new FailedOrders({ alerts, failed });
  const fails = (fault: Error) => async () => {
    throw fault;
  };
  const bring = (sn: string, work: () => Promise<unknown> = async () => undefined) =>
    unwritten.track({ shopId: '7', sn }, work);
  return { unwritten, bring, fails, told, failed };
}

const undocumented = new ProcessingFailedError(
  new ShopeeError({ code: 'error_of_2027', detail: '', path: '/x', kind: 'retry-later', isDocumented: false }),
);

test('an order’s own fault is named and told of until it is written; any other error passes', async () => {
  const { bring, fails, told, failed } = setUp();
  expect(await bring('A', fails(new ProcessingFailedError(new Error('Google refuses this row'))))).toBe(false);
  expect(failed).toEqual({ '7': '1 not written: A; the last one because: Google refuses this row' });
  expect(await bring('A')).toBe(true);
  expect(told).toEqual(['begin unwritten-order:7:A', 'end unwritten-order:7:A']);
  await expect(bring('B', fails(new UpstreamUnavailableError('shopee:7', 'outage')))).rejects.toThrow('outage');
});

test('an undocumented error for each of several orders is Shopee’s trouble; for one of them it is that order’s', async () => {
  const { unwritten, bring, fails } = setUp();
  await bring('A', fails(undocumented));
  unwritten.blameUpstream();
  await bring('A', fails(undocumented));
  await bring('B');
  unwritten.blameUpstream();
  for (const sn of ['A', 'B']) await bring(sn, fails(undocumented));
  expect(() => unwritten.blameUpstream()).toThrow('undocumented');
});
