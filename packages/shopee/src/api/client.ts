import { systemClock } from './clock.ts';
import type {
  EscrowListPage,
  OrderListPage,
  PackageDetail,
  ReturnDetail,
  ReturnListPage,
  ShopInfo,
  TrackingInfo,
  TrackingNumber,
} from './response-schemas.ts';
import type { Escrow } from './escrow.ts';
import { type CallInfo, Transport, type Send, type ShopAuth } from './transport.ts';
import type { CallLimiter, Priority } from './limiter.ts';
import { type OrderListQuery, getOrderDetail, getOrderList, getPackageDetail } from './order-calls.ts';
import type { OrderDetail } from './order-detail.ts';
import { type EscrowListQuery, getEscrowDetail, getEscrowDetails, getEscrowList } from './payment-calls.ts';
import * as pushCalls from './push-calls.ts';
import * as shopCalls from './shop-calls.ts';
import * as walletCalls from './wallet-calls.ts';
import { type CodeExchange, type TokenPair, type TokenRefresh, exchangeCode, refreshTokens } from './token-calls.ts';

export interface ShopeeClientOptions {
  partnerId: string;
  partnerKey: string;
  /** Scheme and host, see `apiHosts`. */
  baseUrl: string;
  /** Of one call; default 15 s. */
  timeoutMs?: number | undefined;
  /** Milliseconds. */
  now?: (() => number) | undefined;
  onCall?: ((info: CallInfo) => void) | undefined;
  /** Paces the calls; without it they go out at once. */
  limiter?: CallLimiter | undefined;
  /** Of this client's calls; default live. */
  priority?: Priority | undefined;
}

/** Shopee's Open API v2. Every method throws ShopeeError, whose `kind` tells what to do. */
export class ShopeeClient {
  readonly #options: ShopeeClientOptions;
  readonly #transport: Transport;

  constructor(options: ShopeeClientOptions, gateway: Transport = new Transport(options)) {
    this.#options = options;
    this.#transport = gateway;
  }

  /** The same client with another priority: for backfill, whose calls must not delay live ones. */
  withPriority(priority: Priority): ShopeeClient {
    return new ShopeeClient({ ...this.#options, priority }, this.#transport);
  }

  readonly #send: Send = (request) => {
    const { limiter, priority = 'live' } = this.#options;
    if (limiter === undefined) return this.#transport.send(request);
    return limiter.run({ shopId: request.shop?.shopId, priority }, () => this.#transport.send(request));
  };

  /** 1 to 50 orders with every optional field; unknown ones are absent. */
  async getOrderDetail(shop: ShopAuth, sns: readonly string[]): Promise<OrderDetail[]> {
    return await getOrderDetail(this.#send, shop, sns);
  }

  async getOrderList(shop: ShopAuth, query: OrderListQuery): Promise<OrderListPage> {
    return await getOrderList(this.#send, shop, query);
  }

  async getPackageDetail(shop: ShopAuth, packageNumbers: readonly string[]): Promise<PackageDetail[]> {
    return await getPackageDetail(this.#send, shop, packageNumbers);
  }

  async getEscrowDetail(shop: ShopAuth, sn: string): Promise<Escrow> {
    return await getEscrowDetail(this.#send, shop, sn);
  }

  /** Up to 50 escrows by order number; orders that have none yet are absent. */
  async getEscrowDetails(shop: ShopAuth, sns: readonly string[]): Promise<Map<string, Escrow>> {
    return await getEscrowDetails(this.#send, shop, sns);
  }

  async getEscrowList(shop: ShopAuth, query: EscrowListQuery): Promise<EscrowListPage> {
    return await getEscrowList(this.#send, shop, query);
  }

  async getWalletTransactions(shop: ShopAuth, query: walletCalls.WalletQuery): Promise<walletCalls.WalletPage> {
    return await walletCalls.getWalletTransactions(this.#send, shop, query);
  }

  async getPayouts(shop: ShopAuth, query: walletCalls.PayoutQuery): Promise<walletCalls.PayoutPage> {
    return await walletCalls.getPayouts(this.#send, shop, query);
  }

  async getBillingTransactions(shop: ShopAuth, query: walletCalls.BillingQuery): Promise<walletCalls.BillingPage> {
    return await walletCalls.getBillingTransactions(this.#send, shop, query);
  }

  async getPendingIncome(
    shop: ShopAuth,
    query: { day: string; cursor: string; pageSize: number },
  ): Promise<walletCalls.PendingIncomePage> {
    return await walletCalls.getPendingIncome(this.#send, shop, query);
  }

  async getShopInfo(shop: ShopAuth): Promise<ShopInfo> {
    return await shopCalls.getShopInfo(this.#send, shop);
  }

  async getTrackingNumber(shop: ShopAuth, orderSn: string, packageNumber?: string): Promise<TrackingNumber> {
    return await shopCalls.getTrackingNumber(this.#send, shop, { orderSn, packageNumber });
  }

  async getTrackingInfo(shop: ShopAuth, orderSn: string, packageNumber?: string): Promise<TrackingInfo> {
    return await shopCalls.getTrackingInfo(this.#send, shop, { orderSn, packageNumber });
  }

  async getReturnDetail(shop: ShopAuth, returnSn: string): Promise<ReturnDetail> {
    return await shopCalls.getReturnDetail(this.#send, shop, returnSn);
  }

  async getReturnList(shop: ShopAuth, query: shopCalls.ReturnListQuery): Promise<ReturnListPage> {
    return await shopCalls.getReturnList(this.#send, shop, query);
  }

  async getLostPushes(): Promise<pushCalls.LostPushPage> {
    return await pushCalls.getLostPushes(this.#send);
  }

  /** Only after every push up to the watermark is stored. */
  async confirmLostPushes(lastMessageId: string): Promise<void> {
    await pushCalls.confirmLostPushes(this.#send, lastMessageId);
  }

  async getPushConfig(): Promise<pushCalls.PushConfig> {
    return await pushCalls.getPushConfig(this.#send);
  }

  async setPushConfig(change: pushCalls.PushConfigChange): Promise<void> {
    await pushCalls.setPushConfig(this.#send, change);
  }

  async getShopsByPartner(): Promise<pushCalls.AuthorizedShop[]> {
    return await pushCalls.getShopsByPartner(this.#send);
  }

  async getIpRanges(): Promise<string[]> {
    return await pushCalls.getIpRanges(this.#send);
  }

  async exchangeCode(exchange: CodeExchange): Promise<TokenPair> {
    return await exchangeCode(this.#tokenContext(), exchange);
  }

  async refreshTokens(refresh: TokenRefresh): Promise<TokenPair> {
    return await refreshTokens(this.#tokenContext(), refresh);
  }

  #tokenContext() {
    return { send: this.#send, partnerId: this.#options.partnerId, now: this.#options.now ?? systemClock.wallMs };
  }
}
