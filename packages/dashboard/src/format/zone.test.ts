import { afterEach, expect, test, vi } from 'vitest';
import { formatDay, formatMinute } from './format.ts';
import { chooseZone, setShopZone, startOfDay, toIsoDate } from './zone.ts';

const store = new Map<string, string>();
vi.stubGlobal('localStorage', { getItem: (key: string) => store.get(key), setItem: store.set.bind(store) });
afterEach(() => chooseZone('mine'));

test('times and days are those of the chosen zone', () => {
  setShopZone('Asia/Singapore');
  const at = Date.parse('2026-11-30T17:30:00Z');
  chooseZone('shop');
  expect([formatDay(at, at), formatMinute(at, at), toIsoDate(at)]).toMatchObject([
    expect.stringMatching(/Dec/),
    '01:30',
    '2026-12-01',
  ]);
  chooseZone('utc');
  expect([formatMinute(at, at), toIsoDate(at)]).toEqual(['17:30', '2026-11-30']);
});

test('a day begins at midnight of the chosen zone, also where clocks change', () => {
  chooseZone('shop');
  setShopZone('Asia/Singapore');
  expect(startOfDay('2026-12-01')).toBe(Date.parse('2026-11-30T16:00:00Z'));
  setShopZone('Europe/Berlin');
  expect(startOfDay('2026-10-26')).toBe(Date.parse('2026-10-25T23:00:00Z'));
  expect(startOfDay('2026-10-25')).toBe(Date.parse('2026-10-24T22:00:00Z'));
});
