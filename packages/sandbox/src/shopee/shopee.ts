import type { Faults } from '../fake-server/faults.ts';
import type { CallRecord, ShopeeFault } from './api/dispatcher.ts';
import type { App } from './api/request-validator.ts';
import type { TokenPair, TokenStore, TokenStoreState } from './api/token-store.ts';
import type { Change } from './orders/order-record.ts';
import type { OrderStore, OrderStoreState } from './orders/order-store.ts';
import type { PushRecord, PushSender, PushState } from './push/push-sender.ts';
import type { ShopeeSettings } from './data/settings.ts';
import type { Traffic } from './traffic.ts';

/** Everything that a restart must not lose. */
export interface ShopeeState {
  orders: OrderStoreState;
  tokens: TokenStoreState;
  pushes: PushState;
}

/** A running fake for Shopee's Open Platform. */
export interface Shopee {
  url: string;
  app: App & { pushKey: string };
  orders: OrderStore;
  tokens: TokenStore;
  pushes: PushSender;
  traffic: Traffic;
  settings: ShopeeSettings;
  faults: Faults<ShopeeFault>;
  /** Every API call since the start, with the error it got ('' = none); the latest 100,000. */
  calls: CallRecord[];
  /** A fresh token pair for an authorized shop, as its `.env` would hold it. */
  issueTokens(shopId: number): TokenPair;
  /** Sends the pushes of a change, all at once; resolves after the first try of each. */
  sendPushes(change: Change): Promise<PushRecord[]>;
  /** The shop authorizes the app (again); push 1 reports it. */
  authorize(shopId: number, days?: number): Promise<PushRecord>;
  /** The shop revokes its authorization; push 2 reports it. */
  deauthorize(shopId: number): Promise<PushRecord>;
  state(): ShopeeState;
  close(): Promise<void>;
}
