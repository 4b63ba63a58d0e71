import type { FastifyInstance } from 'fastify';
import { escrowOf, hasEscrow } from './orders/escrow-detail.ts';
import { buyerTotalOf } from './orders/money.ts';
import { orderDetailOf } from './orders/order-detail.ts';
import type { OrderRecord } from './orders/order-record.ts';
import { regionOf, toAmount } from './orders/regions.ts';
import type { Shopee } from './shopee.ts';
import { toJson } from './data/json.ts';
import type { PushRecord } from './push/push-sender.ts';
import { html, page, type Html } from '../fake-server/html.ts';

const shownOrders = 200;

/** The order store for a person (`/`) and for a program (`/_sandbox/orders`, `/_sandbox/pushes`). */
export function orderPages(server: FastifyInstance, { shopee }: { shopee: Shopee }, done: () => void): void {
  server.get('/', (_request, reply) => reply.type('text/html; charset=utf-8').send(orderPage(shopee)));

  server.get('/_sandbox/health', () => ({ orders: shopee.orders.size, traffic: shopee.traffic.running }));

  server.get<{ Querystring: { sn?: string } }>('/_sandbox/orders', (request, reply) => {
    const { sn } = request.query;
    const records =
      sn === undefined ? [...shopee.orders.records()] : [shopee.orders.find(sn)].filter((found) => found !== undefined);
    return reply.type('application/json').send(toJson({ orders: records.map((record) => orderJson(shopee, record)) }));
  });

  server.get('/_sandbox/pushes', (_request, reply) => {
    const { config, health, records, lost } = shopee.pushes;
    const status = { status: health.status(), ...health.rate() };
    return reply.type('application/json').send(toJson({ config, health: status, lost: lost.all(), pushes: records }));
  });
  done();
}

/** The order as Shopee's APIs tell it now, unmasked, and its money. */
function orderJson(shopee: Shopee, record: OrderRecord) {
  const { orders } = shopee;
  const escrow = hasEscrow(record) ? { escrow: escrowOf(orders, record) } : {};
  return { shop_id: record.shopId, order: orderDetailOf(orders, record), ...escrow, returns: record.returns };
}

function orderPage(shopee: Shopee): string {
  const { orders, pushes, traffic } = shopee;
  const bySn = pushesBySn(pushes.records);
  const latest = [...orders.records()].sort((left, right) => right.updateTime - left.updateTime).slice(0, shownOrders);
  const { total, rate } = pushes.health.rate();
  const summary = html`<p>
      ${orders.size} orders${orders.size > shownOrders ? html` (the latest ${shownOrders} are shown)` : ''}. Pushes go
      to
      <code>${pushes.config.callbackUrl || 'nowhere'}</code>: ${pushes.health.status()}, ${total} tries in 6 hours,
      ${Math.round(rate * 100)} % good, ${pushes.lost.all().length} lost. Traffic is ${traffic.running ? 'on' : 'off'}.
      ${button(`/_sandbox/traffic?run=${traffic.running ? 'stop' : 'start'}`, traffic.running ? 'Stop traffic' : 'Start traffic')}
    </p>
    <p>
      ${[...orders.shops.values()].map((shop) => html`${button(`/_sandbox/orders?shop=${shop.shopId}`, `Order at ${shop.name} (${shop.region})`)} `)}
    </p>`;
  const rows = latest.map((record) => rowOf(shopee, record, bySn.get(record.sn) ?? []));
  const table = html`<table>
    <thead>
      <tr>
        <th>Order</th>
        <th>Shop</th>
        <th>Status</th>
        <th>Buyer</th>
        <th>Total</th>
        <th>Updated</th>
        <th>Pushes and answers</th>
        <th></th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
  return page('Shopee sandbox: order book', html`${summary}${table}`);
}

function rowOf({ orders }: Shopee, record: OrderRecord, sent: readonly PushRecord[]): Html {
  const content = orders.contentOf(record);
  const region = regionOf(orders.shopOf(record).region);
  const total = toAmount(buyerTotalOf(content), region.decimals).toFixed(region.decimals);
  const responses = sent
    .slice(-6)
    .map(
      (push) =>
        html`<span class="${push.state === 'delivered' ? 'good' : 'bad'}">${push.code}:${responseText(push)}</span> `,
    );
  return html`<tr>
    <td><code>${record.sn}</code></td>
    <td>${region.code}</td>
    <td>${record.status}</td>
    <td>${content.buyer.name}</td>
    <td class="number">${total} ${region.currency}</td>
    <td class="dim">${new Date(record.updateTime * 1000).toISOString().slice(0, 19)}</td>
    <td>${responses}</td>
    <td>
      ${button(`/_sandbox/orders?sn=${record.sn}&do=advance`, 'Advance')}
      ${button(`/_sandbox/orders?sn=${record.sn}&do=cancel`, 'Cancel')}
      ${button(`/_sandbox/orders?sn=${record.sn}&do=return`, 'Return')}
    </td>
  </tr>`;
}

function responseText(push: PushRecord): string {
  const last = push.attempts.at(-1);
  if (last === undefined) return push.state;
  const status = last.status === undefined ? 'no answer' : String(last.status);
  return `${status}${last.succeeded || last.bodyBytes === undefined || last.bodyBytes === 0 ? '' : ` with ${last.bodyBytes} bytes`}${push.attempts.length > 1 ? ` ×${push.attempts.length}` : ''}`;
}

function button(action: string, label: string): Html {
  return html`<form method="post" action="${action}"><button>${label}</button></form>`;
}

function pushesBySn(records: readonly PushRecord[]): Map<string, PushRecord[]> {
  const bySn = new Map<string, PushRecord[]>();
  for (const record of records) {
    const sn = /"order_?sn":"(\w+)"/.exec(record.text)?.[1];
    if (sn !== undefined) bySn.set(sn, [...(bySn.get(sn) ?? []), record]);
  }
  return bySn;
}
