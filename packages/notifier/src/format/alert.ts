import type { AlertNotification } from '@shopee-webhook/store';
import { bold, escape } from './html.ts';
import { formatTime } from '../time/format-time.ts';

const marks = { info: 'ℹ️', warning: '⚠️', critical: '🚨' };

/** One of our own alarms as HTML lines; its end is told as such. */
export function alertMessage(alarm: AlertNotification, zone: string): string[] {
  const mark = alarm.status === 'resolved' ? '✅' : marks[alarm.severity];
  const title = alarm.status === 'resolved' ? `Over: ${alarm.title}` : alarm.title;
  return [
    `${mark} ${bold(title)}`,
    ...alarm.text.split('\n').map(escape),
    `Time: ${formatTime(Math.floor(alarm.at / 1000), zone)}`,
  ];
}
