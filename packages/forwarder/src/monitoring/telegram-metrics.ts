import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Notifier, NotifierStatus } from '@shopee-webhook/notifier';

/** The latency histogram of notifications; the returned function records one, in ms. */
export function createDeliveryHistogram(registry: Registry): (ms: number, urgent: boolean) => void {
  const seconds = new Histogram({
    name: 'shopee_telegram_delivery_seconds',
    help: 'Time from fetching a notification until it was sent, by urgency',
    labelNames: ['urgent'],
    buckets: [1, 2.5, 5, 10, 30, 60, 300, 900, 3600],
    registers: [registry],
  });
  return (ms, urgent) => seconds.observe({ urgent: String(urgent) }, ms / 1000);
}

/** Telegram metrics, read from the notifier on scrape. */
export function addTelegramMetrics(registry: Registry, notifier: Notifier): void {
  if (!notifier.status().enabled) return;
  const counts: [name: string, help: string, value: (status: NotifierStatus) => number][] = [
    ['shopee_telegram_messages_total', 'Messages sent and edited', ({ sent }) => sent.messages],
    ['shopee_telegram_notifications_total', 'Notifications sent in them', ({ sent }) => sent.events],
    ['shopee_telegram_digests_total', 'Digest messages', ({ sent }) => sent.digests],
    ['shopee_telegram_rejected_total', 'Notifications that Telegram rejected', ({ sent }) => sent.rejected],
  ];
  for (const [name, help, value] of counts) {
    const counter = new Counter({
      name,
      help,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(value(notifier.status()));
      },
    });
    counter.reset();
  }
  const gauges: [name: string, help: string, value: (status: NotifierStatus) => number][] = [
    ['shopee_telegram_leader', '1 in the process that sends', ({ isLeader }) => Number(isLeader)],
    [
      'shopee_telegram_pending',
      'Notifications in flight',
      ({ chats }) => chats.reduce((sum, { waiting }) => sum + waiting, 0),
    ],
    [
      'shopee_telegram_paused_seconds',
      'Remaining rate-limit pause; the maximum of all chats',
      ({ chats }) => Math.max(0, ...chats.map(({ pausedMs }) => pausedMs)) / 1000,
    ],
    [
      'shopee_telegram_chats_unreachable',
      'Unreachable chats',
      ({ chats }) => chats.filter(({ state }) => state === 'unreachable').length,
    ],
  ];
  for (const [name, help, value] of gauges) {
    const gauge = new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(value(notifier.status()));
      },
    });
    gauge.set(0);
  }
}
