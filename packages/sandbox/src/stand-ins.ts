import { createGoogle, type Google, type GoogleOptions, type GoogleState } from './google/google.ts';
import { createShopee, type Shopee, type ShopeeOptions, type ShopeeState } from './shopee/create-shopee.ts';
import { StateKeeper } from './state-keeper.ts';
import { createTelegram, type Telegram, type TelegramOptions, type TelegramState } from './telegram/telegram.ts';

export interface StandInsOptions {
  /** Their states are kept in this folder; nothing is kept when it is left out. */
  stateDir?: string;
  shopee?: ShopeeOptions;
  google?: GoogleOptions;
  telegram?: TelegramOptions;
}

/** The world outside: Shopee, Google Sheets and Telegram. */
export interface StandIns {
  shopee: Shopee;
  google: Google;
  telegram: Telegram;
  /** Writes their states now. */
  save(): void;
  close(): Promise<void>;
}

/** Starts the three stand-ins where the last run in `stateDir` left them. */
export async function startStandIns(options: StandInsOptions = {}): Promise<StandIns> {
  await using opened = new AsyncDisposableStack();
  const keeper = options.stateDir === undefined ? undefined : new StateKeeper(options.stateDir);
  const google = await createGoogle({
    ...options.google,
    ...stateOf(keeper?.load('google') as GoogleState | undefined),
  });
  opened.defer(() => google.close());
  const telegram = await createTelegram(options.telegram);
  opened.defer(() => telegram.close());
  const chats = keeper?.load('telegram') as TelegramState | undefined;
  if (chats !== undefined) telegram.restore(chats);
  // A pair that a service has stored must not be unknown here after a kill.
  const onTokens = () => keeper?.save();
  const shopee = await createShopee({
    onTokens,
    ...options.shopee,
    ...stateOf(keeper?.load('shopee') as ShopeeState | undefined),
  });
  opened.defer(() => shopee.close());

  keeper?.keep('google', () => google.state());
  keeper?.keep('telegram', () => telegram.state());
  keeper?.keep('shopee', () => shopee.state());
  keeper?.start();
  // Before they are closed: pushes that wait for their next try are part of the state.
  opened.defer(() => keeper?.stop());
  const parts = opened.move();
  return { shopee, google, telegram, save: () => keeper?.save(), close: () => parts.disposeAsync() };
}

function stateOf<State>(state: State | undefined): { state?: State } {
  return state === undefined ? {} : { state };
}
