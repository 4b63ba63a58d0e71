import type { ShopeeClient } from '@shopee-webhook/shopee';
import type { Alarms } from '../alarms.ts';
import type { Gates } from '../outages/gates.ts';
import type { SheetWriter } from '../sheets/sheet-writer.ts';
import type { TokenKeeper } from '../shops/token-keeper.ts';
import { spreadsheetOf, type Spreadsheets } from '../spreadsheets.ts';
import { FetchGatherer } from './fetch-gatherer.ts';
import { fetchOrders, type OrderFetcherOptions } from './order-fetcher.ts';
import type { ForgottenBuyers } from './forgotten.ts';
import { OrderHandler } from './order-handler.ts';

export interface OrderPartsOptions {
  shopee: ShopeeClient;
  keeper: TokenKeeper;
  sheets: SheetWriter;
  gates: Gates;
  alarms: Alarms;
  spreadsheets: Spreadsheets;
  forgotten: ForgottenBuyers;
}

/** Wires what brings orders into the sheet. */
export function createOrderHandler(options: OrderPartsOptions): OrderHandler {
  const { shopee, keeper, sheets, gates, alarms, spreadsheets, forgotten } = options;
  const fetching = { shopee, keeper, onEscrow: escrowAlarms(alarms), served: new Map<string, string>() };
  const gatherer = new FetchGatherer({ fetch: (shopId, orderSns) => fetchOrders(fetching, shopId, orderSns) });
  return new OrderHandler({
    fetch: async (shopId, orderSns) => forgotten.strip(await gatherer.fetch(shopId, orderSns)),
    isForgotten: (orderSn) => forgotten.has(orderSn),
    shopee,
    keeper,
    sheets,
    gates,
    spreadsheetOf: (shopId) => spreadsheetOf(spreadsheets, shopId),
  });
}

/** An app that may not read escrow writes orders without their income, and the operator is told. */
function escrowAlarms(alarms: Alarms): OrderFetcherOptions['onEscrow'] {
  return (shopId, refusal) => {
    const key = `escrow:${shopId}`;
    if (refusal === undefined) void alarms.end(key);
    else
      void alarms.begin(key, {
        severity: 'warning',
        title: `Shop ${shopId}: escrow may not be read`,
        text: `Orders are written without their income. ${refusal.message}. Check the app's category and permissions.`,
      });
  };
}
