import { expect, test } from 'vitest';
import { serialDate, unixSeconds, zoneOffsetSeconds } from './serial-date.ts';

test('the epoch is day 25569 in UTC', () => {
  expect(serialDate(0, 'Etc/UTC')).toBe(25_569);
  expect(serialDate(43_200, 'Etc/UTC')).toBe(25_569.5);
});

test('a moment is shown as local time of the spreadsheet’s zone', () => {
  // 2026-11-23 00:00 UTC is 08:00 in Singapore and 21:00 of the day before in São Paulo.
  const midnight = Date.UTC(2026, 10, 23) / 1000;
  expect(serialDate(midnight, 'Asia/Singapore') - serialDate(midnight, 'Etc/UTC')).toBeCloseTo(8 / 24, 9);
  expect(serialDate(midnight, 'America/Sao_Paulo') - serialDate(midnight, 'Etc/UTC')).toBeCloseTo(-3 / 24, 9);
});

test('daylight saving time counts at its own moments', () => {
  expect(zoneOffsetSeconds(Date.UTC(2026, 6, 1) / 1000, 'Europe/Madrid')).toBe(7200);
  expect(zoneOffsetSeconds(Date.UTC(2026, 11, 1) / 1000, 'Europe/Madrid')).toBe(3600);
});

test('an unknown zone counts as UTC', () => {
  expect(serialDate(0, 'Mars/Olympus')).toBe(25_569);
});

test('a serial date round-trips', () => {
  for (const zone of ['Etc/UTC', 'Asia/Jakarta', 'America/Sao_Paulo', 'Europe/Madrid', 'Asia/Kathmandu']) {
    for (const at of [Date.UTC(2026, 6, 1, 3, 4, 5), Date.UTC(2026, 2, 29, 1, 30), Date.UTC(2026, 10, 23)]) {
      expect(unixSeconds(serialDate(at / 1000, zone), zone)).toBe(at / 1000);
    }
  }
  expect(unixSeconds(Number('soon'), 'Etc/UTC')).toBeNaN();
});
