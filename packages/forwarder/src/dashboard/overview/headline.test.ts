import { expect, test } from 'vitest';
import type { ComponentStatus } from '@shopee-webhook/contracts/dashboard-api';
import { buildHeadline, type HeadlineInputs } from './headline.ts';

function part(id: ComponentStatus['id'], level: ComponentStatus['level'], detail = 'is so'): ComponentStatus {
  return { id, level, detail, action: null, since: null, perMinute: null, depth: null };
}

const healthy: HeadlineInputs = {
  components: [part('redis', 'ok'), part('telegram', 'off'), part('spool', 'off')],
  pending: 0,
  oldestPendingSeconds: 0,
  deadLetters: 0,
  missing: 0,
  hasEvents: true,
};

test.each<[Partial<HeadlineInputs>, string, string]>([
  [{}, 'ok', 'Every order is in your sheet.'],
  [{ missing: null }, 'ok', 'Every order received is in your sheet.'],
  [{ hasEvents: false }, 'ok', 'No events yet: the first order will appear here.'],
  [{ pending: 1 }, 'ok', 'Every order is in your sheet; 1 event is still being processed.'],
  [{ pending: 7, oldestPendingSeconds: 600 }, 'warning', '7 events wait, the oldest for 10 min.'],
  [{ missing: 1 }, 'warning', '1 order missing from the sheet is being repaired.'],
  [{ deadLetters: 1_200 }, 'failing', '1,200 events could not be processed.'],
  [
    { components: [part('sheets', 'failing', 'not shared')], pending: 3, deadLetters: 1 },
    'failing',
    'Google Sheets: not shared. 3 events wait and will be processed.',
  ],
  [
    { components: [part('consumers', 'warning')], pending: 2 },
    'warning',
    'Processing is paused. 2 events wait and will be processed.',
  ],
  [
    { components: [part('telegram', 'warning', 'Paused for 5 s.')] },
    'warning',
    'Every order is in your sheet. Telegram: Paused for 5 s.',
  ],
])('the headline for %j is %s: %s', (change, level, text) => {
  expect(buildHeadline({ ...healthy, ...change })).toEqual({ level, text });
});

test.each<Partial<HeadlineInputs>>([
  { pending: null, oldestPendingSeconds: null, deadLetters: null },
  { deadLetters: null },
  { components: [part('consumers', 'unknown', 'Not checked yet')] },
])('the headline claims nothing while %j is unknown', (change) => {
  const { level, text } = buildHeadline({ ...healthy, ...change });
  expect(level).toBe('unknown');
  expect(text).not.toMatch(/Every order (received )?is in your sheet/);
});
