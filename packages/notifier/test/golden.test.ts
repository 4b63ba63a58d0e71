import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  escrowSchema,
  orderDetailSchema,
  parseJson,
  parsePush,
  summarizeOrder,
  type OrderSummary,
} from '@shopee-webhook/shopee';
import type { EventNotification } from '@shopee-webhook/store';
import { describe, expect, it } from 'vitest';
import { parseHtml } from '../../sandbox/src/telegram/html-parser.ts';
import { digestPart } from '../src/format/digest.ts';
import { eventMessage, toEventView, type FormatContext } from '../src/format/event.ts';
import { plainText } from '../src/format/html.ts';
import { splitMessage } from '../src/format/split.ts';
import type { QueuedNotification } from '../src/messages/outgoing.ts';

/** What people read, kept as files: a change of the format shows in the diff of `golden/`. */
const samples = fileURLToPath(new URL('../../shopee/test/samples/', import.meta.url));
const context: FormatContext = {
  showBuyer: 'name',
  shop: (id) => (id === '700000001' ? { name: 'Example <shop>', region: 'SG' } : undefined),
  ownZone: () => 'Asia/Singapore',
};

function eventOf(pushText: string, more: Partial<EventNotification> = {}): EventNotification {
  const push = parsePush(pushText);
  const { code, shopId } = push;
  return { kind: 'event', messageId: 'm', code, shopId, at: 1_788_220_800_000, pushText, source: 'push', ...more };
}

function messageOf(event: EventNotification, formed = context): string[] {
  const view = toEventView(event, parsePush(event.pushText), formed);
  return splitMessage(eventMessage(view, formed), view.orderSn ?? 'event');
}

describe('the message of a push', () => {
  const files = readdirSync(`${samples}push`).filter((name) => name.endsWith('.json'));

  it.each(files)('%s reads as its golden file', async (file) => {
    const parts = messageOf(eventOf(readFileSync(`${samples}push/${file}`, 'utf8')));
    for (const part of parts) expect(parseHtml(part).text).toBe(plainText(part));
    await expect(parts.join('\n=====\n')).toMatchFileSnapshot(`golden/push/${file.replace('.json', '.txt')}`);
  });

  it('shows every value of the push with TELEGRAM_SHOW_BUYER=full', () => {
    for (const file of files) {
      const text = readFileSync(`${samples}push/${file}`, 'utf8');
      const parts = messageOf(eventOf(text), { ...context, showBuyer: 'full' });
      const texts = plainText(parts.join('\n')).replaceAll('\u2060', '');
      for (const value of leavesOf(parsePush(text).data)) expect(texts).toContain(value);
    }
  });
});

describe('the message of a chat message', () => {
  const read = (kind: string) => readFileSync(`${samples}push/10-webchat.${kind}.json`, 'utf8');

  it('shows the sender, and the text only with TELEGRAM_SHOW_BUYER=full', () => {
    const full = { ...context, showBuyer: 'full' as const };
    const named = plainText(messageOf(eventOf(read('text'))).join('\n'));
    expect(named).toContain('From: buyer_example_01 · text\nThe message is in Seller Center');
    expect(named).not.toContain('is this available');
    expect(plainText(messageOf(eventOf(read('text')), full).join('\n'))).toContain(
      'From: buyer_example_01 · text\nHello 👋 is this available?',
    );
  });

  it.each(['image', 'video'])('shows no %s of the buyer, but the item in question', (kind) => {
    const named = plainText(messageOf(eventOf(read(kind))).join('\n'));
    expect(named).not.toMatch(/abc|url/);
    expect(plainText(messageOf(eventOf(read('item'))).join('\n'))).toContain('item_id: 900000001');
  });

  it('is redacted in digests and their files too', () => {
    const texts = (showBuyer: 'name' | 'full') => {
      const formed = { ...context, showBuyer };
      const event = eventOf(read('text'));
      const items = Array.from({ length: 200 }, () => waitingOf(event, formed));
      const part = digestPart(items, formed);
      return part.kind === 'document' ? part.content : '';
    };
    expect(texts('full')).toContain('is this available');
    expect(texts('name')).toContain('buyer_example_01');
    expect(texts('name')).not.toContain('is this available');
  });
});

function waitingOf(event: EventNotification, formed: FormatContext): QueuedNotification {
  const content = { kind: 'event' as const, view: toEventView(event, parsePush(event.pushText), formed) };
  const since = event.at;
  return {
    delivery: undefined,
    content,
    chat: 'c',
    topic: '10',
    priority: 2,
    digest: 'auto',
    orderThread: undefined,
    enqueuedAt: since,
    since,
  };
}

/** Texts and ids of the data; times and empty values are shown in another form or not at all. */
function leavesOf(value: unknown): string[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(leavesOf);
  if (typeof value === 'number') return value > 1.7e9 && value < 1.8e9 ? [] : [String(value)];
  return typeof value === 'string' && value !== '' ? [value.replaceAll(/\s+/g, ' ')] : [];
}

/** An order as it comes out of the outbox. */
function sent(order: OrderSummary): { sn: string } {
  return JSON.parse(JSON.stringify(order)) as { sn: string };
}

describe('the message of an order', () => {
  const pushOf = (ordersn: string, status: string, time: number) =>
    JSON.stringify({ data: { ordersn, status, update_time: time }, shop_id: 700_000_001, code: 3 });
  const push = pushOf('260901K7QWE8RT', 'READY_TO_SHIP', 1_788_220_960);
  const read = (file: string) => parseJson(readFileSync(`${samples}api/${file}`, 'utf8')) as { response: object };
  const orderOf = (file: string) => {
    const { order_list: list } = read(file).response as { order_list: unknown[] };
    return { shop_id: '700000001', ...orderDetailSchema.parse(list[0]) };
  };
  const row = { spreadsheetId: 'sheet-id', sheetId: 42, row: 7 };

  it.each([
    'order.get_order_detail.unpaid.json',
    'order.get_order_detail.ready_to_ship.json',
    'order.get_order_detail.cancelled.json',
    'order.get_order_detail.completed.json',
    'order.get_order_detail.cod-masked-vn.json',
    'order.get_order_detail.bundle-deal-zero-price.json',
    'order.get_order_detail.default-fields-only.json',
  ])('%s reads as its golden file', async (file) => {
    const escrow = escrowSchema.parse(read('payment.get_escrow_detail.json').response);
    const detail = orderOf(file);
    const order = sent(summarizeOrder(detail, file.includes('completed') ? escrow : undefined));
    const own = pushOf(detail.order_sn, detail.order_status ?? '', detail.update_time ?? 0);
    const parts = messageOf(eventOf(own, { order, row, previousStatus: 'UNPAID' }));
    for (const part of parts) parseHtml(part);
    await expect(parts.join('\n=====\n')).toMatchFileSnapshot(`golden/order/${file.replace('.json', '.txt')}`);
  });

  it.each([1, 30, 200])('with %i items reads as its golden file', async (count) => {
    const order = sent(summarizeOrder(orderOf('order.get_order_detail.ready_to_ship.json'), undefined));
    const items = Array.from({ length: count }, (_, at) => ({
      key: `${at}`,
      name: `Item ${at + 1} 😀 <b>"quoted" & ${'long '.repeat(at % 7)}name`,
      sku: `SKU-${at + 1}`,
      variation: at % 3 === 0 ? `Red & <${at}>` : undefined,
      quantity: (at % 4) + 1,
      unitPrice: at * 1.5 + 0.99,
    }));
    const parts = messageOf(eventOf(push, { order: { ...order, items }, row, previousStatus: 'UNPAID' }));
    for (const part of parts) expect(parseHtml(part).text.length).toBeLessThanOrEqual(4_000);
    await expect(parts.join('\n=====\n')).toMatchFileSnapshot(`golden/order/items-${count}.txt`);
  });

  it('shows how the income is computed, and cash on delivery once', () => {
    const amounts = {
      goods_sold: 100,
      coins: 1,
      fees: 5,
      campaign_fee: 2,
      seller_order_processing_fee: 3,
      reverse_shipping_fee: 4,
      sales_taxes: 5,
      escrow_amount: 85,
      unexplained: -1,
      escrow_amount_after_adjustment: 80,
      of_a_later_version: 7,
    };
    const order = {
      sn: '260901K7QWE8RT',
      currency: 'SGD',
      items: [],
      income: { amounts },
      cod: true,
      paymentMethod: 'Cash on Delivery',
    };
    const text = plainText(messageOf(eventOf(push, { order })).join('\n'));
    const lines = text.split('\n').filter((line) => line.includes('SGD'));
    expect(lines).toEqual([
      'Goods sold: SGD 100.00',
      'Return shipping fee: SGD 4.00',
      'Campaign fee: SGD 2.00',
      'Processing fee: SGD 3.00',
      'VAT, GST and SST: SGD 5.00',
      'Escrow amount: SGD 85.00',
      'Unexplained: SGD -1.00',
      'Final amount: SGD 80.00',
      'Coins used: SGD 1.00',
    ]);
    expect(text).toContain('Payment: Cash on Delivery\n');
  });

  it('shows only the user name of the buyer by default', () => {
    const buyer = { username: 'ann01', name: 'Ann Tan', phone: '6591234567', address: '1 Road' };
    const order = { sn: '260901K7QWE8RT', buyer, messageToSeller: 'ring twice', note: 'vip', items: [] };
    const named = messageOf(eventOf(push, { order })).join('\n');
    for (const secret of ['Ann Tan', '6591234567', '1 Road', 'ring twice', 'vip']) expect(named).not.toContain(secret);
    expect(named).toContain('ann01');
    const full = messageOf(eventOf(push, { order }), { ...context, showBuyer: 'full' }).join('\n');
    for (const data of ['Ann Tan', '6591234567', '1 Road', 'ring twice', 'vip']) expect(full).toContain(data);
  });
});
