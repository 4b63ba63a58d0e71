import type { PushStatus, TestResult } from '@shopee-webhook/runtime';
import type { ShopeeClient } from '@shopee-webhook/shopee';
import type { TokenStore } from '@shopee-webhook/store';
import { errorText } from '../errors.ts';
import { unavailable } from '../sheets/availability.ts';
import type { GoogleClient } from '../sheets/google-client.ts';
import type { TokenKeeper } from '../shops/token-keeper.ts';

/** Collects what worked, until something does not. */
class Trial {
  readonly #startedAt = performance.now();
  readonly #steps: TestResult['steps'] = [];

  /** Does one thing and notes it; throws what it throws. */
  async step<T>(text: string, work: () => Promise<T>, detail: (result: T) => string = () => ''): Promise<T> {
    try {
      const result = await work();
      this.#steps.push({ text: text + detail(result), ok: true });
      return result;
    } catch (error) {
      this.#steps.push({ text, ok: false });
      throw error;
    }
  }

  result(error?: string): TestResult {
    const ms = Math.round(performance.now() - this.#startedAt);
    return { ok: error === undefined, ms, steps: this.#steps, error: error ?? null };
  }
}

/** Of the tab that a test makes and removes; ours begin at 710,000,000. */
const testSheetId = 709_999_999;
const testTitle = 'shopee-webhook test';

/** Writes a row into each spreadsheet, in a tab of its own that is removed again: nobody's rows are touched. */
export async function testSheets(
  google: Pick<GoogleClient, 'open' | 'email'>,
  spreadsheetIds: readonly string[],
): Promise<TestResult> {
  const trial = new Trial();
  for (const spreadsheetId of spreadsheetIds) {
    try {
      await testSheet(trial, google, spreadsheetId);
    } catch (error) {
      const { message, action } = unavailable(error, { email: google.email, spreadsheetId });
      return trial.result([message, action].filter(Boolean).join(' '));
    }
  }
  return trial.result();
}

async function testSheet(trial: Trial, google: Pick<GoogleClient, 'open'>, spreadsheetId: string): Promise<void> {
  const client = google.open(spreadsheetId);
  const { sheets = [] } = await trial.step(
    `Open the spreadsheet ${spreadsheetId}`,
    () => client.get('properties(title),sheets.properties(sheetId)'),
    ({ properties }) => ` (“${properties?.title ?? ''}”)`,
  );
  const remove = { deleteSheet: { sheetId: testSheetId } };
  // Left over from a test that was broken off.
  if (sheets.some(({ properties }) => properties?.sheetId === testSheetId)) await client.change([remove]);
  const gridProperties = { rowCount: 2, columnCount: 2 };
  await trial.step('Add a test tab', () =>
    client.change([{ addSheet: { properties: { sheetId: testSheetId, title: testTitle, gridProperties } } }]),
  );
  try {
    const row = ['shopee-webhook', 'writes a row'];
    await trial.step('Write a row into it', () => client.write([{ range: `'${testTitle}'!A1:B1`, values: [row] }]));
    await trial.step('Read it back', async () => {
      const [block] = await client.read([`'${testTitle}'!A1:B1`]);
      if (block?.values[0]?.[1] !== row[1]) throw new Error('Google gave back something else than was written');
    });
  } finally {
    await trial.step('Remove the test tab', () => client.change([remove]));
  }
}

/** Asks Shopee for each connected shop's name, and how the app receives pushes. */
export async function testShopee(parts: {
  shopee: Pick<ShopeeClient, 'getShopInfo' | 'getPushConfig'>;
  keeper: Pick<TokenKeeper, 'use'>;
  tokens: Pick<TokenStore, 'list'>;
}): Promise<TestResult> {
  const { shopee, keeper, tokens } = parts;
  const trial = new Trial();
  const shops = (await tokens.list()).filter(({ state }) => state === 'active');
  try {
    await trial.step(
      'Ask how the app receives pushes',
      () => shopee.getPushConfig(),
      ({ status }) => (status === undefined ? '' : ` (${status})`),
    );
    for (const { shopId } of shops) {
      await trial.step(
        `Ask for shop ${shopId}`,
        () => keeper.use(shopId, (auth) => shopee.getShopInfo(auth)),
        ({ shop_name: name }) => (name === undefined ? '' : ` (“${name}”)`),
      );
    }
  } catch (error) {
    return trial.result(errorText(error));
  }
  return trial.result(shops.length === 0 ? 'No shop is connected' : undefined);
}

/** How the app receives pushes, or Shopee's words on why it does not say. */
export async function pushStatus(shopee: Pick<ShopeeClient, 'getPushConfig'>): Promise<PushStatus> {
  try {
    const { status, callbackUrl, onCodes, offCodes, blockedShopIds, suspendedAt } = await shopee.getPushConfig();
    return {
      status: status ?? null,
      callbackUrl: callbackUrl ?? null,
      on: onCodes,
      off: offCodes,
      blockedShops: blockedShopIds,
      suspendedAt: suspendedAt === undefined || suspendedAt === 0 ? null : suspendedAt * 1000,
      error: null,
    };
  } catch (error) {
    const unknown = { status: null, callbackUrl: null, on: [], off: [], blockedShops: [], suspendedAt: null };
    return { ...unknown, error: errorText(error) };
  }
}
