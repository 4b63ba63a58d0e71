export {
  createTelegram,
  sandboxChatId,
  sandboxToken,
  type Telegram,
  type TelegramFault,
  type TelegramOptions,
  type TelegramState,
} from './telegram/telegram.ts';
export { Faults, type Fault } from './fake-server/faults.ts';
export { redisProgram } from './processes/redis-program.ts';
export { freePort, startRedis, type RedisServer } from './processes/redis-server.ts';
export { createShopee, sandboxApp, sandboxShops, type ShopeeOptions } from './shopee/create-shopee.ts';
export type { Shopee, ShopeeState } from './shopee/shopee.ts';
export type { ShopeeFault } from './shopee/api/dispatcher.ts';
export { shopeeLifetimes, type TokenLifetimes, type TokenPair } from './shopee/api/token-store.ts';
export { marketShops } from './shopee/orders/market-shops.ts';
export { escrowOf, hasEscrow } from './shopee/orders/escrow-detail.ts';
export { orderDetailOf } from './shopee/orders/order-detail.ts';
export type { Change, OrderRecord, OrderStatus, PushBody, SandboxShop } from './shopee/orders/order-record.ts';
export { pushFixtures } from './shopee/data/fixture.ts';
export { toJson } from './shopee/data/json.ts';
export { makePush, sampledCodes } from './shopee/push/make-push.ts';
export type { PushOptions, PushRecord, PushAttempt } from './shopee/push/push-sender.ts';
export { defaultSettings, type ShopeeSettings } from './shopee/data/settings.ts';
export type { TrafficOptions } from './shopee/traffic.ts';
export {
  createGoogle,
  Google,
  type GoogleOptions,
  type GoogleState,
  type SpreadsheetOptions,
} from './google/google.ts';
export type { ServiceAccount } from './google/api/accounts.ts';
export type { ApiFault, TokenFault } from './google/api/google-faults.ts';
export { googleLimits, type QuotaLimits } from './google/api/quotas.ts';
export type { Counters, LoggedRequest } from './google/api/request-log.ts';
export type { DisplayValue, SheetView } from './google/page/sheet-view.ts';
export type { UserEdit } from './google/requests/user-edit.ts';
export { ChildReaper } from './processes/child-reaper.ts';
export { createSandbox, type Sandbox, type SandboxOptions } from './stack/sandbox.ts';
export { serviceEnv, type ServiceEnvOptions } from './stack/service-env.ts';
export { ServiceProcess, type ServiceProcessOptions } from './processes/service-process.ts';
export { serviceTuning } from './processes/service-tuning.ts';
export type { Service } from './processes/services.ts';
export { startFakes, type Fakes, type FakesOptions } from './stack/fakes.ts';
