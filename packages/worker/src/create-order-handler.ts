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

/** Wires the order handler. */
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

/** An app without escrow permission writes orders without their income and raises an alert. */
function escrowAlerts(alerts: Alerts): OrderFetcherDeps['onEscrow'] {
  return (shopId, refusal) => {
    const key = `escrow:${shopId}`;
    if (refusal === undefined) void alerts.resolve(key);
    else
      void alerts.raise(key, {
        severity: 'warning',
        title: `Shop ${shopId}: no permission to read escrow`,
        text: `Orders are written without their income. ${refusal.message}. Check the app's category and permissions.`,
      });
  };
}
