import type { ShopeeClient } from '@shopee-webhook/shopee';
import type { Alerts } from './monitoring/alerts.ts';
import type { CircuitBreakers } from './upstreams/circuit-breakers.ts';
import type { SheetWriter } from './sheets/writer/sheet-writer.ts';
import type { AccessTokens } from './shops/access-tokens.ts';
import { findSpreadsheet, type Spreadsheets } from './shops/spreadsheets.ts';
import { OrderBatchLoader } from './orders/order-batch-loader.ts';
import { fetchOrders, type OrderFetcherDeps } from './orders/order-fetcher.ts';
import type { ErasedBuyers } from './orders/erasure.ts';
import { OrderHandler } from './orders/order-handler.ts';

export interface OrderHandlerFactoryDeps {
  shopee: ShopeeClient;
  accessTokens: AccessTokens;
  sheets: SheetWriter;
  breakers: CircuitBreakers;
  alerts: Alerts;
  spreadsheets: Spreadsheets;
  erasedBuyers: ErasedBuyers;
}

/** Wires what brings orders into the sheet. */
export function createOrderHandler(options: OrderHandlerFactoryDeps): OrderHandler {
  const { shopee, accessTokens, sheets, breakers, alerts, spreadsheets, erasedBuyers } = options;
  const fetcherDeps = {
    shopee,
    accessTokens: accessTokens,
    onEscrow: escrowAlerts(alerts),
    lastFetched: new Map<string, string>(),
  };
  const batchLoader = new OrderBatchLoader({ fetch: (shopId, orderSns) => fetchOrders(fetcherDeps, shopId, orderSns) });
  return new OrderHandler({
    fetch: async (shopId, orderSns) => erasedBuyers.redact(await batchLoader.load(shopId, orderSns)),
    isErased: (orderSn) => erasedBuyers.has(orderSn),
    shopee,
    accessTokens,
    sheets,
    breakers,
    findSpreadsheet: (shopId) => findSpreadsheet(spreadsheets, shopId),
  });
}

/** An app that may not read escrow writes orders without their income, and the operator is told. */
function escrowAlerts(alarms: Alerts): OrderFetcherDeps['onEscrow'] {
  return (shopId, refusal) => {
    const key = `escrow:${shopId}`;
    if (refusal === undefined) void alarms.resolve(key);
    else
      void alarms.raise(key, {
        severity: 'warning',
        title: `Shop ${shopId}: escrow may not be read`,
        text: `Orders are written without their income. ${refusal.message}. Check the app's category and permissions.`,
      });
  };
}
