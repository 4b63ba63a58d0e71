export {
  createTelegram,
  sandboxChatId,
  sandboxToken,
  type Telegram,
  type TelegramFault,
  type TelegramOptions,
  type TelegramState,
} from './telegram/telegram.ts';
export { Faults, type Fault } from './faults.ts';
export { redisProgram } from './redis-program.ts';
export { freePort, startRedis, type RedisServer } from './redis-server.ts';
export {
  createShopee,
  sandboxApp,
  sandboxShops,
  type Shopee,
  type ShopeeOptions,
  type ShopeeState,
} from './shopee/create-shopee.ts';
export type { ShopeeFault } from './shopee/api/dispatcher.ts';
export { shopeeLives, type TokenLives, type TokenPair } from './shopee/api/token-book.ts';
export { escrowOf, hasEscrow } from './shopee/book/escrow-detail.ts';
export { orderDetailOf } from './shopee/book/order-detail.ts';
export type { Change, OrderRecord, OrderStatus, PushBody, SandboxShop } from './shopee/book/order-record.ts';
export { pushFixtures } from './shopee/fixture.ts';
export { toJson } from './shopee/json.ts';
export { makePush, sampledCodes } from './shopee/push/make-push.ts';
export type { PushOptions, PushRecord, PushTry } from './shopee/push/push-sender.ts';
export { defaultSettings, type ShopeeSettings } from './shopee/settings.ts';
export type { TrafficOptions } from './shopee/traffic.ts';
export {
  createGoogle,
  Google,
  type GoogleOptions,
  type GoogleState,
  type SpreadsheetOptions,
} from './google/google.ts';
export type { ServiceAccount } from './google/accounts.ts';
export type { ApiFault, TokenFault } from './google/google-faults.ts';
export { googleLimits, type QuotaLimits } from './google/quotas.ts';
export type { Counters, LoggedRequest } from './google/request-log.ts';
export type { Shown, SheetView } from './google/sheet-view.ts';
export type { UserEdit } from './google/user-edit.ts';
export { Guard } from './guard.ts';
export { createSandbox, type Sandbox, type SandboxOptions } from './sandbox.ts';
export { serviceEnv, type ServiceEnvOptions } from './service-env.ts';
export { ServiceProcess, type ServiceProcessOptions } from './service-process.ts';
export { serviceTuning } from './service-tuning.ts';
export type { Service } from './services.ts';
export { startStandIns, type StandIns, type StandInsOptions } from './stand-ins.ts';
