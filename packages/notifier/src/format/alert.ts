import type { AlertNotification } from '@shopee-webhook/store';
import { bold, escape } from './html.ts';
import { formatTime } from '../time/format-time.ts';

const marks = { info: 'ℹ️', warning: '⚠️', critical: '🚨' };

/** An alert as HTML lines. */
export function alertMessage(alert: AlertNotification, zone: string): string[] {
  const mark = alert.status === 'resolved' ? '✅' : marks[alert.severity];
  const title = alert.status === 'resolved' ? `Resolved: ${alert.title}` : alert.title;
  return [
    `${mark} ${bold(title)}`,
    ...alert.text.split('\n').map(escape),
    `Time: ${formatTime(Math.floor(alert.at / 1000), zone)}`,
  ];
}
