import { systemClock } from '@shopee-webhook/runtime';
import Fastify, { type FastifyInstance } from 'fastify';
import { Faults } from '../fake-server/faults.ts';
import type { Api } from './api/api.ts';
import { authApis } from './api/auth-apis.ts';
import { Dispatcher, type CallRecord, type ShopeeFault } from './api/dispatcher.ts';
import { RequestValidator } from './api/request-validator.ts';
import { incomeApis } from './api/income-apis.ts';
import { logisticsApis } from './api/logistics-apis.ts';
import { orderApis } from './api/order-apis.ts';
import { paymentApis } from './api/payment-apis.ts';
import { payoutApis } from './api/payout-apis.ts';
import { pushApis } from './api/push-apis.ts';
import { returnApis } from './api/return-apis.ts';
import { shopApis } from './api/shop-apis.ts';
import { walletApis } from './api/wallet-apis.ts';
import { TokenStore, type TokenLifetimes } from './api/token-store.ts';
import { OrderStore } from './orders/order-store.ts';
import type { SandboxShop } from './orders/order-record.ts';
import { authorizationPages } from './authorization-pages.ts';
import { orderPages } from './order-pages.ts';
import { controlRoutes } from './control-routes.ts';
import { makePush } from './push/make-push.ts';
import { PushSender, type PushOptions } from './push/push-sender.ts';
import { defaultSettings, type ShopeeSettings } from './data/settings.ts';
import type { Shopee, ShopeeState } from './shopee.ts';
import { Traffic, type TrafficOptions } from './traffic.ts';

/** The app and shops that the fake has when none are given; all generated. */
export const sandboxApp = {
  partnerId: 1_000_001,
  partnerKey: 'shpk5350416e6f742d612d63726564656e7469616c2d6f6e6c792d61736b2e2e',
  pushKey: '6e6f742d612d63726564656e7469616c2c2d6f6e6c792d7468652d73616e6462',
};

export const sandboxShops: readonly SandboxShop[] = [
  { shopId: 700_000_001, name: 'Kopi & Cotton SG', region: 'SG', mainAccountId: 60_001, merchantId: 800_001 },
  { shopId: 700_000_002, name: 'Kopi & Cotton MY', region: 'MY', mainAccountId: 60_001, merchantId: 800_001 },
  { shopId: 700_000_003, name: 'Tiệm Ví Dụ', region: 'VN' },
  { shopId: 700_000_004, name: 'Loja Exemplo', region: 'BR' },
];

export interface ShopeeOptions {
  /** A free one when left out. */
  port?: number;
  /** Loopback when left out. */
  host?: string;
  partnerId?: number;
  partnerKey?: string;
  /** The Live Push Partner Key; the same as `partnerKey` for apps that have none of their own. */
  pushKey?: string;
  shops?: readonly SandboxShop[];
  /** Shops that have authorized the app from the start; all when left out. */
  authorized?: readonly number[];
  /** The same seed gives the same orders. */
  seed?: number;
  /** The clock, in ms. */
  now?: () => number;
  /** The callback URL that pushes go to and that is signed; none are sent without. */
  callbackUrl?: string;
  /** Lives of tokens and codes, in seconds. */
  lifetimes?: Partial<TokenLifetimes>;
  /** Called before a new pair is handed out, so that it can be kept. */
  onTokens?: () => void;
  settings?: Partial<ShopeeSettings>;
  push?: Partial<Omit<PushOptions, 'now' | 'seed' | 'pushKey'>>;
  traffic?: TrafficOptions;
  sharedSeconds?: boolean;
  /** What `state()` of an earlier one gave. */
  state?: ShopeeState;
}

/** Starts the fake. */
export async function createShopee(options: ShopeeOptions = {}): Promise<Shopee> {
  const parts = build(options);
  const { app, orders, tokens, pushes, settings, faults, traffic } = parts;
  if (options.state === undefined) for (const id of options.authorized ?? orders.shops.keys()) tokens.authorize(id);
  else restore(parts, options.state);

  const server = Fastify({ forceCloseConnections: true, logger: false });
  const calls: CallRecord[] = [];
  const now = options.now ?? systemClock.wallMs;
  const validator = new RequestValidator({ app, orders, tokens, settings, now });
  const apis = apisOf(parts);
  const onCall = (call: CallRecord) => {
    calls.push(call);
    if (calls.length > 120_000) calls.splice(0, 20_000);
  };
  const dispatcher = new Dispatcher({ apis, validator, tokens, settings, faults, now, onCall });
  const sendFor = (code: number, shopId: number, variant?: string) => {
    const time = Math.floor(now() / 1000);
    const chosen = variant === undefined ? {} : { variant };
    return pushes.send(makePush(code, { shopId, partnerId: app.partnerId, now: time, ...chosen }));
  };

  const shopee: Shopee = {
    ...parts,
    calls,
    url: '',
    issueTokens: (shopId) => tokens.issue([`shop:${shopId}`]),
    sendPushes: (change) => Promise.all(change.pushes.map((push) => pushes.send(push))),
    authorize: (shopId, days) => {
      tokens.authorize(shopId, days);
      return sendFor(1, shopId, 'shop');
    },
    deauthorize: (shopId) => {
      tokens.deauthorize(shopId);
      return sendFor(2, shopId, 'by-seller');
    },
    state: () => ({ orders: orders.state(), tokens: tokens.state(), pushes: pushes.state() }),
    close: async () => {
      traffic.stop();
      pushes.close();
      await server.close();
    },
  };
  // Bodies are read as text: only the handlers know what they must be.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'string', bodyLimit: 5_000_000 }, (_request, body, done) =>
    done(null, body),
  );
  server.all('/api/v2/*', (request, reply) => dispatcher.serve(request, reply));
  await addPages(server, shopee, validator);
  const host = options.host ?? '127.0.0.1';
  const listening = new URL(await server.listen({ port: options.port ?? 0, host }));
  // Reachable from here, whatever it listens on.
  shopee.url = `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${listening.port}`;
  return shopee;
}

function build(options: ShopeeOptions) {
  const now = options.now ?? systemClock.wallMs;
  const seed = options.seed ?? 1;
  const app = {
    partnerId: options.partnerId ?? sandboxApp.partnerId,
    partnerKey: options.partnerKey ?? sandboxApp.partnerKey,
    pushKey: options.pushKey ?? sandboxApp.pushKey,
  };
  const sharedSeconds = options.sharedSeconds ?? false;
  const orders = new OrderStore({ seed, shops: options.shops ?? sandboxShops, now, sharedSeconds });
  const tokens = new TokenStore({
    now,
    ...(options.lifetimes === undefined ? {} : { lifetimes: options.lifetimes }),
    ...(options.onTokens === undefined ? {} : { onIssue: options.onTokens }),
  });
  const callback = options.callbackUrl === undefined ? {} : { callbackUrl: options.callbackUrl };
  // Seen in the envelopes of real pushes in these markets.
  const hasMessageId = (shopId: number) => ['ID', 'VN', 'BR'].includes(orders.shops.get(shopId)?.region ?? '');
  const pushes = new PushSender({ hasMessageId, ...options.push, ...callback, pushKey: app.pushKey, now, seed });
  const settings: ShopeeSettings = { ...defaultSettings, ...options.settings };
  const shopIds = () => [...tokens.authorizations.keys()];
  const traffic = new Traffic({ orders, pushes, shopIds, partnerId: app.partnerId, now, seed }, options.traffic);
  return { app, orders, tokens, pushes, settings, faults: new Faults<ShopeeFault>(), traffic };
}

type ShopeeDeps = ReturnType<typeof build>;

function restore({ orders, tokens, pushes }: ShopeeDeps, state: ShopeeState): void {
  orders.restore(state.orders);
  tokens.restore(state.tokens);
  // The callback URL of this run counts, not that of the last.
  const { callbackUrl } = pushes.config;
  pushes.restore(state.pushes);
  if (callbackUrl !== '') pushes.config.callbackUrl = callbackUrl;
}

function apisOf({ app, orders, tokens, pushes, settings }: ShopeeDeps): Api[] {
  return [
    ...orderApis(orders, settings),
    ...paymentApis(orders, settings),
    ...walletApis(orders, settings),
    ...incomeApis(orders, settings),
    ...payoutApis(orders, settings),
    ...logisticsApis(orders),
    ...returnApis(orders),
    ...authApis(app, tokens, settings),
    ...shopApis(orders, tokens),
    ...pushApis(pushes),
  ];
}

async function addPages(server: FastifyInstance, shopee: Shopee, validator: RequestValidator): Promise<void> {
  await server.register(orderPages, { shopee });
  await server.register(authorizationPages, { shopee, gate: validator });
  await server.register(controlRoutes, { shopee });
}
