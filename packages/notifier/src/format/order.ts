import { formatMoney, incomeIds, incomeLabel, incomeTerms } from '@shopee-webhook/shopee';
import { bold, code, escapeLine } from './html.ts';
import { statusLabel } from './order-status.ts';
import type { OrderItemView, OrderView } from '../messages/order-view.ts';
import { formatTime } from '../time/format-time.ts';

export interface OrderChoices {
  zone: string;
  showBuyer: 'name' | 'full';
}

/** Section 2: the order with all its items, as HTML lines. */
export function orderSection(order: OrderView, choices: OrderChoices): string[] {
  return [
    `${bold('Order')} ${code(order.sn)}`,
    ...(order.status === undefined ? [] : [field('Status', statusLabel(order.status))]),
    ...timeLines(order, choices.zone),
    ...buyerLines(order, choices.showBuyer),
    ...moneyLines(order),
    ...shippingLines(order),
    ...cancelLines(order),
    ...itemLines(order),
  ];
}

function field(name: string, value: string | undefined): string {
  return `${name}: ${escapeLine(value ?? '')}`;
}

function present(name: string, value: string | undefined): string[] {
  return value === undefined || value.trim() === '' ? [] : [field(name, value)];
}

function timeLines({ times }: OrderView, zone: string): string[] {
  const line = (name: string, seconds: number | undefined) =>
    seconds === undefined || seconds <= 0 ? [] : [field(name, formatTime(seconds, zone))];
  return [
    ...line('Created', times.created),
    ...line('Paid', times.paid),
    ...line('Ship by', times.shipBy),
    ...line('Picked up', times.pickedUp),
    ...line('Updated', times.updated),
    ...line('Return by', times.returnBy),
  ];
}

/** Only the user name, unless configured otherwise: a group is no place for addresses. */
function buyerLines({ buyer, messageToSeller, note }: OrderView, show: 'name' | 'full'): string[] {
  const name = buyer.username === undefined || buyer.username === '' ? [] : [`Buyer: ${code(buyer.username)}`];
  if (show === 'name') {
    return messageToSeller?.trim() ? [...name, 'Buyer left a message (see Seller Center)'] : name;
  }
  return [
    ...name,
    ...present('Name', buyer.name),
    ...present('Phone', buyer.phone),
    ...present('Address', buyer.address),
    ...present('Message', messageToSeller),
    ...present('Note', note),
  ];
}

function moneyLines({ total, currency, paymentMethod, cod, income }: OrderView): string[] {
  const money = (amount: number) => formatMoney(amount, currency);
  // Not repeated when the method says so itself.
  const isSaid = /cash on delivery|\bcod\b/i.test(paymentMethod ?? '');
  const payment = [paymentMethod, cod === true && !isSaid ? 'cash on delivery' : undefined].filter(Boolean).join(', ');
  return [
    ...(total === undefined ? [] : [`Total: ${bold(money(total))}`]),
    ...present('Payment', payment),
    ...incomeLines(income, money),
  ];
}

/** Each amount that is there, by the name it has in the sheet; what Shopee settles and what remains of it in bold. */
function incomeLines(income: OrderView['income'], money: (amount: number) => string): string[] {
  const { escrow_amount: escrow, escrow_amount_after_adjustment: final } = income?.amounts ?? {};
  return incomeIds.flatMap((id) => {
    const amount = income?.amounts[id];
    if (amount === undefined) return [];
    if (id === 'escrow_amount') return [`${incomeLabel(id)}: ${bold(money(amount))}`];
    if (id === 'escrow_amount_after_adjustment')
      return final === escrow ? [] : [`${incomeLabel(id)}: ${bold(money(amount))}`];
    // A total would count its parts once more.
    const isLeftOut = amount === 0 || incomeTerms[id].role === 'total';
    return isLeftOut ? [] : [field(incomeLabel(id), money(amount))];
  });
}

function shippingLines({ carrier, trackingNumbers }: OrderView): string[] {
  const tracking = trackingNumbers.length === 0 ? [] : [`Tracking: ${trackingNumbers.map(code).join(', ')}`];
  return [...present('Carrier', carrier), ...tracking];
}

function cancelLines({ cancelBy, cancelReason }: OrderView): string[] {
  return [...present('Canceled by', cancelBy), ...present('Reason', cancelReason)];
}

function itemLines({ items, currency }: OrderView): string[] {
  if (items.length === 0) return [];
  const pieces = items.reduce((sum, item) => sum + item.quantity, 0);
  const head = `${bold('Items')} (${items.length}${pieces === items.length ? '' : `, ${pieces} pieces`})`;
  return ['', head, ...items.map((item, index) => itemLine(item, index + 1, currency))];
}

function itemLine(item: OrderItemView, number: number, currency: string | undefined): string {
  const variation = item.variation === undefined ? '' : ` [${escapeLine(item.variation)}]`;
  const sku = item.sku === undefined ? '' : ` · SKU ${code(item.sku)}`;
  const price = item.unitPrice === undefined ? '' : ` × ${escapeLine(formatMoney(item.unitPrice, currency))}`;
  return `${number}. ${escapeLine(item.name)}${variation}${sku} · ${item.quantity}${price}`;
}
