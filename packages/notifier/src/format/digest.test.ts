import { parsePush } from '@shopee-webhook/shopee';
import type { EventNotification } from '@shopee-webhook/store';
import { describe, expect, it } from 'vitest';
import type { TopicKey } from '../messages/outgoing.ts';
import type { MessagePart, QueuedNotification } from '../messages/outgoing.ts';
import { digestPart } from './digest.ts';
import { toEventView } from './event.ts';
import { plainText } from './html.ts';
import { singleParts } from './render.ts';

const context = { showBuyer: 'name' as const, shop: () => undefined, ownZone: () => 'America/Sao_Paulo' };

function waiting(code: number, data: object, more: Partial<EventNotification> = {}): QueuedNotification {
  const pushText = JSON.stringify({ code, shop_id: 700_000_001, timestamp: 1_788_220_800, data });
  const event: EventNotification = {
    kind: 'event',
    messageId: 'm',
    code,
    shopId: '700000001',
    at: 1_788_220_800_000,
    pushText,
    source: 'push',
    ...more,
  };
  const content = { kind: 'event' as const, view: toEventView(event, parsePush(pushText), context) };
  const topic: TopicKey = `${code}`;
  return {
    delivery: undefined,
    content,
    chat: 'c',
    topic,
    priority: 2,
    digest: 'auto',
    orderThread: undefined,
    enqueuedAt: event.at,
    since: event.at,
  };
}

const order = (sn: string, status: string, total: number, currency = 'SGD') =>
  waiting(
    3,
    { ordersn: sn, status },
    { order: { sn, currency, region: 'SG', total, items: [] }, previousStatus: 'UNPAID' },
  );

const textOf = (part: MessagePart) => plainText(part.html);

describe('digestPart', () => {
  it('counts by status, sums by currency, and lists each event with its link', () => {
    const part = digestPart(
      [
        order('A1', 'READY_TO_SHIP', 10.5),
        order('A2', 'SHIPPED', 20),
        order('A2', 'COMPLETED', 20),
        order('A3', 'SHIPPED', 1_000_000, 'VND'),
      ],
      context,
    );
    expect(part.kind).toBe('text');
    expect(textOf(part)).toBe(
      [
        '🗂 4 × Order status · 08:00–08:00',
        '🚚 SHIPPED: 2',
        '🟡 READY_TO_SHIP: 1',
        '✅ COMPLETED: 1',
        '3 orders: SGD 30.50 + VND 1,000,000',
        '',
        '• 08:00 A1 · UNPAID → 🟡 READY_TO_SHIP · SGD 10.50',
        '• 08:00 A2 · UNPAID → 🚚 SHIPPED · SGD 20.00',
        '• 08:00 A2 · UNPAID → ✅ COMPLETED · SGD 20.00',
        '• 08:00 A3 · UNPAID → 🚚 SHIPPED · VND 1,000,000',
      ].join('\n'),
    );
    expect(part.html).toContain('href="https://seller.shopee.sg/portal/sale/order?search=A1"');
  });

  it('shows changes and a tracking number', () => {
    const changed = { update_field: 'return_status', old_value: 'JUDGING', new_value: 'PROCESSING' };
    const part = digestPart(
      [
        waiting(29, { order_sn: 'A1', return_sn: 'R1', updated_values: [changed] }),
        waiting(4, { ordersn: 'A2', tracking_no: 'SPX1' }),
        waiting(22, { item_id: 9, update_field: 'original_price', old_value: 19.99, new_value: 17.99 }),
      ],
      context,
    );
    expect(textOf(part).split('\n').slice(-3)).toEqual([
      '• 08:00 A1 · Return or refund · return_status: JUDGING → PROCESSING',
      '• 08:00 A2 · Tracking number · SPX1',
      '• 08:00 9 · Item price · original_price: 19.99 → 17.99',
    ]);
  });

  it('shows alert times in the zone of the shop', () => {
    const alert = { kind: 'alert' as const, key: 'k', status: 'firing' as const, severity: 'warning' as const };
    const at = 1_788_220_800_000;
    const content = { kind: 'alert' as const, alert: { ...alert, title: 'Dead letters', text: 'x', at } };
    const item: QueuedNotification = {
      delivery: undefined,
      content,
      chat: 'c',
      topic: 'system',
      priority: 0,
      digest: 'auto',
      orderThread: undefined,
      enqueuedAt: at,
      since: at,
    };
    expect(textOf(digestPart([item, item], context))).toContain('21:00–21:00');
    const [part] = singleParts(item, context);
    expect(part?.html).toContain('Time: 2026-08-31 21:00:00 GMT-3');
  });

  it('attaches a CSV file with every event and its data when the list does not fit', () => {
    const sns = Array.from({ length: 500 }, (_, at) => `ORDER${at}X`);
    const part = digestPart(
      sns.map((sn) => order(sn, 'SHIPPED', 1)),
      context,
    );
    if (part.kind !== 'document') throw new Error('no file');
    expect(textOf(part)).toMatch(/… and \d+ more\. All 500 are in the attached file\.$/);
    expect(textOf(part).length).toBeLessThanOrEqual(1_024);
    expect(part.fileName).toBe('order-status-2026-09-01t00-00.csv');
    const rows = part.content.trimEnd().split('\r\n');
    expect(rows).toHaveLength(501);
    for (const sn of sns) expect(part.content).toContain(`"${sn}"`);
  });

  it('never turns text of a buyer into a formula', () => {
    const items = Array.from({ length: 200 }, () => waiting(16, { item_name: '=HYPERLINK("x")', item_id: 1 }));
    const part = digestPart(items, context);
    expect(part.kind === 'document' && part.content).toContain(`"'=HYPERLINK(""x"")"`);
  });
});
