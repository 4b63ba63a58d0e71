import { ShopeeError } from '@shopee-webhook/shopee';
import { expect, test } from 'vitest';
import { ProcessingFailedError, UpstreamUnavailableError } from '../upstreams/errors.ts';
import { FailedOrders } from './failed-orders.ts';

function setUp() {
  const sent: string[] = [];
  const failed: Record<string, string> = {};
  const alerts = {
    raise: async (key: string) => void sent.push(`raise ${key}`),
    resolve: async (key: string) => void sent.push(`resolve ${key}`),
  };
  const failedOrders = new FailedOrders({ alerts, failed });
  const fails = (fault: Error) => async () => {
    throw fault;
  };
  const bring = (sn: string, work: () => Promise<unknown> = async () => undefined) =>
    failedOrders.track({ shopId: '7', sn }, work);
  return { failedOrders, bring, fails, sent, failed };
}

const undocumented = new ProcessingFailedError(
  new ShopeeError({ code: 'error_of_2027', detail: '', path: '/x', kind: 'retry-later', isDocumented: false }),
);

test('a failed order raises an alert until it is written; any other error is rethrown', async () => {
  const { bring, fails, sent, failed } = setUp();
  expect(await bring('A', fails(new ProcessingFailedError(new Error('Google refuses this row'))))).toBe(false);
  expect(failed).toEqual({ '7': '1 not written: A; last error: Google refuses this row' });
  expect(await bring('A')).toBe(true);
  expect(sent).toEqual(['raise failed-order:7:A', 'resolve failed-order:7:A']);
  await expect(bring('B', fails(new UpstreamUnavailableError('shopee:7', 'outage')))).rejects.toThrow('outage');
});

test('an undocumented error for every order blames Shopee; for one of them, that order', async () => {
  const { failedOrders, bring, fails } = setUp();
  await bring('A', fails(undocumented));
  failedOrders.blameUpstream();
  await bring('A', fails(undocumented));
  await bring('B');
  failedOrders.blameUpstream();
  for (const sn of ['A', 'B']) await bring(sn, fails(undocumented));
  expect(() => failedOrders.blameUpstream()).toThrow('undocumented');
});
