import { expect, test } from 'vitest';
import type { ComponentStatus } from '@shopee-webhook/contracts/dashboard-api';
import { buildHeadline, type HeadlineInputs } from './headline.ts';

function part(id: ComponentStatus['id'], level: ComponentStatus['level'], detail = 'is so'): ComponentStatus {
  return { id, level, detail, action: null, since: null, perMinute: null, depth: null };
}

const healthy: HeadlineInputs = {
  components: [part('redis', 'ok'), part('telegram', 'off'), part('spool', 'off')],
  queued: 0,
  oldestWaitingSeconds: 0,
  deadLetters: 0,
  missing: 0,
  hasEvents: true,
};

test.each<[Partial<HeadlineInputs>, string, string]>([
  [{}, 'ok', 'Every order is in your sheet.'],
  [{ hasEvents: false }, 'ok', 'Nothing has come yet: the first order will appear here.'],
  [{ queued: 1 }, 'ok', 'Every order is in your sheet but 1 event on the way.'],
  [{ queued: 7, oldestWaitingSeconds: 600 }, 'warning', '7 events wait, the oldest for 10 min.'],
  [{ missing: 1 }, 'warning', '1 order missing from the sheet is being repaired.'],
  [{ deadLetters: 1_200 }, 'failing', '1,200 events could not be handled: look at the dead letters.'],
  [
    { components: [part('sheets', 'failing', 'not shared')], queued: 3, deadLetters: 1 },
    'failing',
    'Google Sheets: not shared. 3 events wait and will be handled.',
  ],
  [
    { components: [part('consumers', 'warning')], queued: 2 },
    'warning',
    'Handling is paused. 2 events wait and will be handled.',
  ],
  [
    { components: [part('telegram', 'warning', 'Paused for 5 s.')] },
    'warning',
    'Every order is in your sheet. Telegram: Paused for 5 s.',
  ],
])('the sentence for %j is %s: %s', (change, level, text) => {
  expect(buildHeadline({ ...healthy, ...change })).toEqual({ level, text });
});
