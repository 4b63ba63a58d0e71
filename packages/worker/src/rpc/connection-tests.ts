import { systemClock } from '@shopee-webhook/runtime';
import type { PushStatus, TestResult } from '@shopee-webhook/contracts/worker-rpc';
import type { ShopeeClient } from '@shopee-webhook/shopee';
import type { TokenStore } from '@shopee-webhook/store';
import { type GoogleClient, toUnavailableError } from '@shopee-webhook/sheets';
import { errorText } from '../upstreams/errors.ts';
import type { AccessTokens } from '../shops/access-tokens.ts';

/** Collects the steps of a connection test up to the first failure. */
class ConnectionTest {
  readonly #startedAt = systemClock.monotonicMs();
  readonly #steps: TestResult['steps'] = [];

  /** Runs one step and records its result; rethrows its error. */
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
    const ms = Math.round(systemClock.monotonicMs() - this.#startedAt);
    return { ok: error === undefined, ms, steps: this.#steps, error: error ?? null };
  }
}

/** The temporary test tab; managed tabs start at 710,000,000. */
const testSheetId = 709_999_999;
const testTitle = 'shopee-webhook test';

/** Writes a row to each spreadsheet, in a temporary tab: existing rows are not touched. */
export async function testSheets(
  google: Pick<GoogleClient, 'open' | 'email'>,
  spreadsheetIds: readonly string[],
): Promise<TestResult> {
  const test = new ConnectionTest();
  for (const spreadsheetId of spreadsheetIds) {
    try {
      await testSheet(test, google, spreadsheetId);
    } catch (error) {
      const { message, action } = toUnavailableError(error, { email: google.email, spreadsheetId });
      return test.result([message, action].filter(Boolean).join(' '));
    }
  }
  return test.result();
}

async function testSheet(
  test: ConnectionTest,
  google: Pick<GoogleClient, 'open'>,
  spreadsheetId: string,
): Promise<void> {
  const client = google.open(spreadsheetId);
  const { sheets = [] } = await test.step(
    `Open the spreadsheet ${spreadsheetId}`,
    () => client.getSpreadsheet('properties(title),sheets.properties(sheetId)'),
    ({ properties }) => ` (“${properties?.title ?? ''}”)`,
  );
  const remove = { deleteSheet: { sheetId: testSheetId } };
  // Left over from an interrupted test.
  if (sheets.some(({ properties }) => properties?.sheetId === testSheetId)) await client.batchUpdate([remove]);
  const gridProperties = { rowCount: 2, columnCount: 2 };
  await test.step('Add a test tab', () =>
    client.batchUpdate([{ addSheet: { properties: { sheetId: testSheetId, title: testTitle, gridProperties } } }]));
  try {
    const row = ['shopee-webhook', 'writes a row'];
    await test.step('Write a row into it', () =>
      client.writeRanges([{ range: `'${testTitle}'!A1:B1`, values: [row] }]));
    await test.step('Read it back', async () => {
      const [block] = await client.readRanges([`'${testTitle}'!A1:B1`]);
      if (block?.values[0]?.[1] !== row[1]) throw new Error('Google returned a different value than was written');
    });
  } finally {
    await test.step('Remove the test tab', () => client.batchUpdate([remove]));
  }
}

/** Requests the app's push configuration and each connected shop's name from Shopee. */
export async function testShopee(deps: {
  shopee: Pick<ShopeeClient, 'getShopInfo' | 'getPushConfig'>;
  accessTokens: Pick<AccessTokens, 'withToken'>;
  tokens: Pick<TokenStore, 'list'>;
}): Promise<TestResult> {
  const { shopee, accessTokens, tokens } = deps;
  const test = new ConnectionTest();
  const shops = (await tokens.list()).filter(({ state }) => state === 'active');
  try {
    await test.step(
      'Read the push configuration',
      () => shopee.getPushConfig(),
      ({ status }) => (status === undefined ? '' : ` (${status})`),
    );
    for (const { shopId } of shops) {
      await test.step(
        `Read shop ${shopId}`,
        () => accessTokens.withToken(shopId, (auth) => shopee.getShopInfo(auth)),
        ({ shop_name: name }) => (name === undefined ? '' : ` (“${name}”)`),
      );
    }
  } catch (error) {
    return test.result(errorText(error));
  }
  return test.result(shops.length === 0 ? 'No shop is connected' : undefined);
}

/** The app's push configuration, or Shopee's error. */
export async function getPushStatus(shopee: Pick<ShopeeClient, 'getPushConfig'>): Promise<PushStatus> {
  try {
    const { status, callbackUrl, enabledCodes, disabledCodes, blockedShopIds, suspendedAt } =
      await shopee.getPushConfig();
    return {
      status: status ?? null,
      callbackUrl: callbackUrl ?? null,
      enabledCodes: enabledCodes,
      disabledCodes: disabledCodes,
      blockedShops: blockedShopIds,
      suspendedAt: suspendedAt === undefined || suspendedAt === 0 ? null : suspendedAt * 1000,
      error: null,
    };
  } catch (error) {
    const unknown = {
      status: null,
      callbackUrl: null,
      enabledCodes: [],
      disabledCodes: [],
      blockedShops: [],
      suspendedAt: null,
    };
    return { ...unknown, error: errorText(error) };
  }
}
