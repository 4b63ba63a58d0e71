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
import { parseHtml } from '../../../sandbox/src/telegram/html-parser.ts';
import { eventMessage, viewOf, type FormatContext } from '../../src/telegram/format/event.ts';
import { plainText } from '../../src/telegram/format/html.ts';
import { splitMessage } from '../../src/telegram/format/split.ts';

/** What people read, kept as files: a change of the format shows in the diff of `golden/`. */
const samples = fileURLToPath(new URL('../../../shopee/test/samples/', import.meta.url));
const context: FormatContext = {
  showBuyer: 'name',
  shop: (id) => (id === '700000001' ? { name: 'Example <shop>', region: 'SG' } : undefined),
};

function eventOf(pushText: string, more: Partial<EventNotification> = {}): EventNotification {
  const push = parsePush(pushText);
  const { code, shopId } = push;
  return { kind: 'event', messageId: 'm', code, shopId, at: 1_788_220_800_000, pushText, source: 'push', ...more };
}

function messageOf(event: EventNotification, formed = context): string[] {
  const view = viewOf(event, parsePush(event.pushText), formed);
  return splitMessage(eventMessage(view, formed), view.orderSn ?? 'event');
}

describe('the message of a push', () => {
  const files = readdirSync(`${samples}push`).filter((name) => name.endsWith('.json'));

  it.each(files)('%s reads as its golden file', async (file) => {
    const parts = messageOf(eventOf(readFileSync(`${samples}push/${file}`, 'utf8')));
    for (const part of parts) expect(parseHtml(part).text).toBe(plainText(part));
    await expect(parts.join('\n=====\n')).toMatchFileSnapshot(`golden/push/${file.replace('.json', '.txt')}`);
  });

  it('holds every value of the push', () => {
    for (const file of files) {
      const text = readFileSync(`${samples}push/${file}`, 'utf8');
      const words = plainText(messageOf(eventOf(text)).join('\n')).replaceAll('\u2060', '');
      for (const value of leavesOf(parsePush(text).data)) expect(words).toContain(value);
    }
  });
});

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
  const push =
    '{"data":{"ordersn":"260901K7QWE8RT","status":"READY_TO_SHIP","update_time":1788220960},"shop_id":700000001,"code":3}';
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
    const order = sent(summarizeOrder(orderOf(file), file.includes('completed') ? escrow : undefined));
    const parts = messageOf(eventOf(push, { order, row, previousStatus: 'UNPAID' }));
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

  it('shows of the buyer only the user name, unless all is wanted', () => {
    const buyer = { username: 'ann01', name: 'Ann Tan', phone: '6591234567', address: '1 Road' };
    const order = { sn: '260901K7QWE8RT', buyer, messageToSeller: 'ring twice', note: 'vip', items: [] };
    const named = messageOf(eventOf(push, { order })).join('\n');
    for (const secret of ['Ann Tan', '6591234567', '1 Road', 'ring twice', 'vip']) expect(named).not.toContain(secret);
    expect(named).toContain('ann01');
    const full = messageOf(eventOf(push, { order }), { ...context, showBuyer: 'full' }).join('\n');
    for (const data of ['Ann Tan', '6591234567', '1 Road', 'ring twice', 'vip']) expect(full).toContain(data);
  });
});
