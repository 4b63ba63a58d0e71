import { serialDate, type SheetEntry } from '@shopee-webhook/sheets';
import { expect, test } from 'vitest';
import { adjustmentsJob } from './adjustments.ts';

const day = 86_400;
const now = Date.UTC(2026, 10, 23) / 1000;
const entry = (cells: SheetEntry['cells'], version = 0): SheetEntry => ({
  sheetId: 1,
  row: 2,
  version,
  status: '',
  cells,
});

/** A job over these orders (number → days since their release) and wallet lines. */
function setUp(
  orders: Record<string, number | undefined>,
  wallet: { sn: string; kind: string; daysAgo: number }[] = [],
) {
  const released = (days: number | undefined) =>
    days === undefined ? '' : serialDate(now - days * day, 'Asia/Singapore');
  const requested: string[] = [];
  const job = adjustmentsJob({
    tokens: { list: async () => [{ shopId: '7', state: 'active' } as never] },
    orderRefresh: { refreshOrder: async ({ sn }) => void requested.push(sn) },
    reader: {
      getTimeZone: async () => 'Asia/Singapore',
      readEntries: async (_, tab) =>
        tab === 'Orders'
          ? new Map(
              Object.entries(orders).map(([sn, days]) => [`7:${sn}`, entry({ escrow_release_time: released(days) })]),
            )
          : new Map(
              wallet.map(({ sn, kind, daysAgo }, n) => [`7:${n}`, entry({ order_sn: sn, kind }, now - daysAgo * day)]),
            ),
    },
    alerts: { raise: async () => undefined, resolve: async () => undefined },
    findSpreadsheet: () => 'sheet',
    now: () => now * 1000,
  });
  return {
    requested,
    run: (since?: number) =>
      job.run({
        signal: new AbortController().signal,
        options: {},
        last: since === undefined ? undefined : { coveredUntil: { 7: since } },
        interrupted: undefined,
        progress: () => undefined,
      }),
  };
}

test('orders are requested again when another week since their release has ended, for 60 days', async () => {
  const { run, requested } = setUp({ A: 0.5, B: 6.9, C: 7.1, D: 14.2, E: 56.5, F: 63.5, G: 200, H: undefined, I: 10 });
  expect(await run(now - day)).toMatchObject({ requested: 3, failed: {}, coveredUntil: { 7: now } });
  expect(requested.sort()).toEqual(['C', 'D', 'E']);
});

test('a worker that was stopped for long requests each of them once', async () => {
  const { run, requested } = setUp({ A: 5, B: 10, C: 30, D: 100 });
  await run(now - 40 * day);
  expect(requested.sort()).toEqual(['B', 'C']);
});

test('orders that the wallet names for something else than their income are requested', async () => {
  const { run, requested } = setUp({ A: 3 }, [
    { sn: 'A', kind: 'return', daysAgo: 0.1 },
    { sn: 'A', kind: 'adjustment', daysAgo: 0.2 },
    { sn: 'B', kind: 'order income', daysAgo: 0.1 },
    { sn: 'C', kind: 'unknown', daysAgo: 1.5 },
    { sn: 'D', kind: 'adjustment', daysAgo: 9 },
    { sn: '', kind: 'withdrawal', daysAgo: 0.1 },
  ]);
  await run(now - day);
  expect(requested.sort()).toEqual(['A', 'C']);
});
