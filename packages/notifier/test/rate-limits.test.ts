import { afterEach, expect, it } from 'vitest';
import { alertNotification, pushEvent, fastClock, startHarness, statusEvent, type Harness } from './harness.ts';

/** Everything runs four times as fast: a minute of the group's limits is fifteen seconds. */
const speed = 4;
const events = 1_000;
let harness: Harness | undefined;

afterEach(async () => {
  await harness?.close();
  harness = undefined;
});

it('sends 1,000 events in a minute within the limits of the group, and alerts within 5 s', async () => {
  const clock = fastClock(speed);
  harness = await startHarness({ clock });
  const { telegram } = harness;
  const notifier = harness.notifier();
  notifier.start();
  await expect.poll(() => notifier.status().isLeader).toBe(true);

  const begun = clock.wallMs();
  const raisedAt = new Map<string, number>();
  for (let at = 0; at < events; at += 50) {
    const batch = Array.from({ length: 50 }, (_, index) => eventNumber(at + index));
    await harness.enqueue(...batch);
    if (at % 200 === 100) {
      raisedAt.set(`flood-${at}`, clock.wallMs());
      await harness.enqueue(alertNotification(`flood-${at}`));
    }
    await clock.sleep(Math.max(0, begun + ((at + 50) * 60_000) / events - clock.wallMs()));
  }
  await expect
    .poll(() => notifier.status().sent.events, { timeout: 30_000, interval: 20 })
    .toBe(events + raisedAt.size);
  expect(clock.wallMs() - begun).toBeLessThan(3 * 60_000);
  await notifier.stop();

  const all = telegram.messages().filter(({ service }) => service === undefined);
  const texts = all
    .map(({ text, document }) => `${text}\n${document ? telegram.file(document.fileId) : ''}`)
    .join('\n');
  const missing = Array.from({ length: events }, (_, at) => snOf(at)).filter((sn) => !texts.includes(sn));
  expect(missing).toEqual([]);
  expect(telegram.counters.rateLimited).toBe(0);
  expect(notifier.status().sent.messages).toBeLessThan(60);
  const waits = [...raisedAt].map(([key, at]) => (all.find(({ text }) => text.includes(key))?.at ?? Infinity) - at);
  expect(Math.max(...waits)).toBeLessThanOrEqual(5_000);
}, 60_000);

const statuses = ['READY_TO_SHIP', 'PROCESSED', 'SHIPPED', 'COMPLETED', 'CANCELLED', 'IN_CANCEL', 'TO_RETURN'];

function snOf(at: number): string {
  return `2609${String(at).padStart(4, '0')}FLOOD`;
}

/** Three of five are order statuses, which urgent ones are among; the rest tracking numbers and package statuses. */
function eventNumber(at: number): object {
  const sn = snOf(at);
  const order = { sn, currency: 'SGD', region: 'SG', total: 10, items: [] };
  const code = [3, 3, 3, 4, 30][at % 5] ?? 3;
  if (code === 3) return statusEvent(sn, statuses[at % statuses.length] ?? '', { order });
  return pushEvent({ code, data: { ordersn: sn, tracking_no: `T${at}`, fulfillment_status: 'LOGISTICS_READY' } });
}
