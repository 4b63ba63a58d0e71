import type { QuietHours } from '@shopee-webhook/runtime';
import { formatClock } from '../time/format-time.ts';

/** Whether `at` (ms) is within the quiet hours; `zone` applies when none is configured. */
export function isQuiet(quiet: QuietHours | undefined, at: number, zone: string): boolean {
  if (quiet === undefined) return false;
  const minute = minuteOfDay(at, quiet.zone ?? zone);
  return quiet.from <= quiet.to ? minute >= quiet.from && minute < quiet.to : minute >= quiet.from || minute < quiet.to;
}

function minuteOfDay(at: number, zone: string): number {
  const [hour = 0, minute = 0] = formatClock(at, zone).split(':').map(Number);
  return hour * 60 + minute;
}
