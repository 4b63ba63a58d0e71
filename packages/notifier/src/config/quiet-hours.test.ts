import { parseQuietHours } from '@shopee-webhook/runtime';
import { expect, it } from 'vitest';
import { isQuiet } from './quiet-hours.ts';

const at = (time: string) => Date.parse(`2026-09-01T${time}:00+08:00`);

it('parses hours across midnight, in the zone of the shop or the configured one', () => {
  const quiet = parseQuietHours('22:00-08:00');
  const results = ['21:59', '22:00', '03:00', '07:59', '08:00'].map((time) =>
    isQuiet(quiet, at(time), 'Asia/Singapore'),
  );
  expect(results).toEqual([false, true, true, true, false]);
  expect(isQuiet(parseQuietHours('22:00-08:00 Europe/Warsaw'), at('12:00'), 'Asia/Singapore')).toBe(true);
  expect(isQuiet(undefined, at('23:00'), 'Asia/Singapore')).toBe(false);
});

it.each(['22-8', '25:00-08:00', '22:00-08:00 Nowhere/City', ''])('rejects "%s"', (text) => {
  expect(() => parseQuietHours(text)).toThrow('must be hours');
});
