import { parsePush } from '@shopee-webhook/shopee';
import type { EventNotification } from '@shopee-webhook/store';
import { describe, expect, it } from 'vitest';
import type { TopicKey } from '../chat/topic-specs.ts';
import type { Part, Waiting } from '../waiting.ts';
import { digestPart } from './digest.ts';
import { viewOf } from './event.ts';
import { plainText } from './html.ts';

const context = { showBuyer: 'name' as const, shop: () => undefined };

function waiting(code: number, data: object, more: Partial<EventNotification> = {}): Waiting {
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
  const content = { kind: 'event' as const, view: viewOf(event, parsePush(pushText), context) };
  const topic: TopicKey = `${code}`;
  return {
    delivery: undefined,
    content,
    chat: 'c',
    topic,
    tier: 2,
    digest: 'auto',
    follows: undefined,
    since: event.at,
  };
}

const order = (sn: string, status: string, total: number, currency = 'SGD') =>
  waiting(
    3,
    { ordersn: sn, status },
    { order: { sn, currency, region: 'SG', total, items: [] }, previousStatus: 'UNPAID' },
  );

const textOf = (part: Part) => plainText(part.html);

describe('digestPart', () => {
  it('counts by status, sums by currency, and lists each event with its link', () => {
    const part = digestPart([
      order('A1', 'READY_TO_SHIP', 10.5),
      order('A2', 'SHIPPED', 20),
      order('A2', 'COMPLETED', 20),
      order('A3', 'SHIPPED', 1_000_000, 'VND'),
    ]);
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

  it('puts what does not fit into a CSV file, with every event and its data', () => {
    const sns = Array.from({ length: 500 }, (_, at) => `ORDER${at}X`);
    const part = digestPart(sns.map((sn) => order(sn, 'SHIPPED', 1)));
    if (part.kind !== 'document') throw new Error('no file');
    expect(textOf(part)).toMatch(/… and \d+ more\. All 500 are in the file\.$/);
    expect(textOf(part).length).toBeLessThanOrEqual(1_024);
    expect(part.fileName).toBe('order-status-2026-09-01t00-00.csv');
    const rows = part.content.trimEnd().split('\r\n');
    expect(rows).toHaveLength(501);
    for (const sn of sns) expect(part.content).toContain(`"${sn}"`);
  });

  it('lets no text of a buyer become a formula', () => {
    const items = Array.from({ length: 200 }, () => waiting(16, { item_name: '=HYPERLINK("x")', item_id: 1 }));
    const part = digestPart(items);
    expect(part.kind === 'document' && part.content).toContain(`"'=HYPERLINK(""x"")"`);
  });
});
