import { createGoogle, type Google, type GoogleOptions, type GoogleState } from '../google/google.ts';
import { createShopee, type ShopeeOptions } from '../shopee/create-shopee.ts';
import type { Shopee, ShopeeState } from '../shopee/shopee.ts';
import { StateStore } from '../fake-server/state-store.ts';
import { createTelegram, type Telegram, type TelegramOptions, type TelegramState } from '../telegram/telegram.ts';

export interface FakesOptions {
  /** Their states are stored in this folder; nothing is stored when it is left out. */
  stateDir?: string;
  shopee?: ShopeeOptions;
  google?: GoogleOptions;
  telegram?: TelegramOptions;
}

/** The world outside: Shopee, Google Sheets and Telegram. */
export interface Fakes {
  shopee: Shopee;
  google: Google;
  telegram: Telegram;
  /** Writes their states now. */
  save(): void;
  close(): Promise<void>;
}

/** Starts the three fakes where the last run in `stateDir` left them. */
export async function startFakes(options: FakesOptions = {}): Promise<Fakes> {
  await using opened = new AsyncDisposableStack();
  const store = options.stateDir === undefined ? undefined : new StateStore(options.stateDir);
  const google = await createGoogle({
    ...options.google,
    ...stateOf(store?.load('google') as GoogleState | undefined),
  });
  opened.defer(() => google.close());
  const telegram = await createTelegram(options.telegram);
  opened.defer(() => telegram.close());
  const chats = store?.load('telegram') as TelegramState | undefined;
  if (chats !== undefined) telegram.restore(chats);
  // A pair that a service has stored must not be unknown here after a kill.
  const onTokens = () => store?.save();
  const shopee = await createShopee({
    onTokens,
    ...options.shopee,
    ...stateOf(store?.load('shopee') as ShopeeState | undefined),
  });
  opened.defer(() => shopee.close());

  store?.register('google', () => google.state());
  store?.register('telegram', () => telegram.state());
  store?.register('shopee', () => shopee.state());
  store?.start();
  // Before they are closed: pushes that wait for their next try are part of the state.
  opened.defer(() => store?.stop());
  const parts = opened.move();
  return { shopee, google, telegram, save: () => store?.save(), close: () => parts.disposeAsync() };
}

function stateOf<State>(state: State | undefined): { state?: State } {
  return state === undefined ? {} : { state };
}
