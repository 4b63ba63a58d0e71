export { parseJson } from './push/json.ts';

export {
  type Push,
  MalformedPushError,
  isVerification,
  orderSnOf,
  packageNumberOf,
  parsePush,
  returnSnOf,
  shopIdsOf,
  trackingNumberOf,
  updateTimeOf,
} from './push/push.ts';
export { pushDigest } from './push/digest.ts';
export { type SignedPush, signPush, verifyPush } from './push/signature.ts';
export { type EventType, eventTypes, getEventType } from './push/event-types.ts';

export { type ShopeeClientOptions, ShopeeClient } from './api/client.ts';
export type { CallInfo, ShopAuth } from './api/transport.ts';
export { type ShopeeErrorDetails, type ShopeeErrorKind, ShopeeError, nextMidnightUtc8 } from './api/errors.ts';
export { type ErrorClassification, classifyError } from './api/error-kinds.ts';
export { type SignatureInput, signRequest } from './api/request-signature.ts';
export { type AuthorizationRequest, authorizationUrl } from './api/authorization.ts';
export {
  createAuthorizationState,
  isCliAuthorizationState,
  verifyAuthorizationState,
} from './api/authorization-state.ts';
export { apiHosts, getAuthorizationHost } from './api/hosts.ts';
export type { ApiClock } from './api/clock.ts';
export {
  type CallLimiter,
  type CallScope,
  type LimiterOptions,
  type LimiterStatus,
  type Priority,
  Limiter,
} from './api/limiter.ts';
export type { RateLimits } from './api/adaptive-rate.ts';
export { timeWindows } from './api/time-windows.ts';
export { maxBatchSize } from './api/bisect.ts';
export {
  type OrderDetail,
  type OrderItem,
  type OrderPackage,
  optionalOrderFields,
  orderDetailSchema,
} from './api/order-detail.ts';
export { type Escrow, type EscrowItem, type OrderIncome, escrowSchema } from './api/escrow.ts';
export type {
  EscrowListPage,
  OrderListPage,
  PackageDetail,
  ReturnDetail,
  ReturnListPage,
  ShopInfo,
  TrackingInfo,
  TrackingNumber,
} from './api/response-schemas.ts';
export type { OrderListQuery } from './api/order-calls.ts';
export type { EscrowListQuery } from './api/payment-calls.ts';
export type {
  BillingQuery,
  BillingTransaction,
  Payout,
  PayoutQuery,
  WalletPage,
  WalletQuery,
  WalletTransaction,
} from './api/wallet-calls.ts';
export type { ReturnListQuery } from './api/shop-calls.ts';
export type { AuthorizedShop, LostPush, LostPushPage, PushConfig, PushConfigChange } from './api/push-calls.ts';
export type { CodeExchange, TokenPair, TokenRefresh } from './api/token-calls.ts';

export { type OrderBuyer, type OrderSummary, type OrderTimes, summarizeOrder } from './order/summary.ts';
export {
  type Adjustment,
  type Income,
  type IncomeId,
  type IncomeTerm,
  incomeIds,
  incomeLabel,
  incomeOf,
  incomeTerms,
  mayBeAdjusted,
  otherCurrency,
} from './order/income.ts';
export { type OrderLine, type SettledLine, orderLines, settledLines } from './order/order-lines.ts';
export { inSettlementCurrency } from './order/settlement-currency.ts';
export { currencyDecimals, formatMoney, toMajor, toMinor } from './order/money.ts';
export { midnightIn } from './order/midnight.ts';
export { currencyOf, timeZoneOf } from './order/region.ts';
export { isMasked } from './order/mask.ts';
export { type WalletKind, balanceChange, walletKindOf } from './wallet/transaction-types.ts';
export { type CheckedLine, type LedgerLine, type LedgerMonth, checkLedger, ledgerMonths } from './wallet/ledger.ts';
