import type { Line, OrderContent } from './order-content.ts';
import { ofReturned, portion, type MoneyStage } from './money.ts';

/**
 * The money of an order in a SIP affiliate's shop, in minor units of the seller's own currency (`pri`) and of the market's.
 * It is settled by a formula of its own, and what the buyer paid is hidden.
 */
export interface SipMoney {
  /** What one unit of the seller's own currency is in the market's. */
  rate: number;
  settlement: number;
  commission: { pri: number; aff: number };
  service: { pri: number; aff: number };
  returned: number;
  adjustableRefund: number;
  subsidy: { pri: number; aff: number };
  escrowPri: number;
  /** In the market's currency. */
  escrow: number;
}

/** The currency that Chinese sellers settle in. */
export const sipCurrency = { code: 'CNY', decimals: 2 };

// What one yuan is in the market's currency; invented, of the usual size.
const rates: Record<string, number> = {
  SG: 0.18,
  MY: 0.65,
  VN: 3500,
  TH: 5,
  ID: 2250,
  PH: 7.9,
  BR: 0.77,
  TW: 4.4,
};

/** One unit's settlement price, in minor units of the seller's own currency. */
export function settlementPrice(line: Line, content: OrderContent): number {
  const { region } = content.extras.market;
  return Math.round(((line.paid / 10 ** region.decimals) * 10 ** sipCurrency.decimals * 1.02) / rateOf(region.code));
}

/** escrow_amount_pri = original − return − commission − service − adjustable refund, and the escrow is it × the rate. */
export function sipMoneyOf(content: OrderContent, stage: MoneyStage): SipMoney {
  const { region } = content.extras.market;
  const rate = rateOf(region.code);
  const quantities = stage.cancelled ? content.lines.map((line) => line.quantity) : stage.returned;
  const price = (line: Line) => settlementPrice(line, content);
  const settlement = content.lines.reduce((total, line) => total + price(line) * line.quantity, 0);
  const taken = ofReturned(content, quantities, price);
  const isAdjustable = taken > 0 && taken < settlement;
  const toAff = (pri: number) => Math.round((pri / 10 ** sipCurrency.decimals) * rate * 10 ** region.decimals);
  const both = (pri: number) => ({ pri, aff: toAff(pri) });
  const commission = portion(settlement - taken, region.commission);
  const service = content.serviceProgram ? portion(settlement - taken, region.service) : 0;
  const paid = content.lines.reduce((total, line) => total + line.paid * line.quantity, 0);
  const paidPri = Math.round((paid / 10 ** region.decimals / rate) * 10 ** sipCurrency.decimals);
  const escrowPri = settlement - taken - commission - service;
  return {
    rate,
    settlement,
    commission: both(commission),
    service: both(service),
    returned: isAdjustable ? 0 : taken,
    adjustableRefund: isAdjustable ? taken : 0,
    subsidy: both(settlement - paidPri),
    escrowPri,
    escrow: toAff(escrowPri),
  };
}

function rateOf(region: string): number {
  const rate = rates[region];
  if (rate === undefined) throw new Error(`no exchange rate for ${region}`);
  return rate;
}
