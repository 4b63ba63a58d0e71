import { ShopeeError } from './errors.ts';

/** What get_order_detail and get_escrow_detail_batch take at once. */
export const maxBatchSize = 50;

/**
 * Asks for all at once. Shopee rejects a whole batch for one number it does not know (undocumented whether the rest still
 * comes), so the batch is then halved until the unknown one stands alone and is left out: 1 in 50 costs 12 calls, not 50.
 */
export async function bisectOnMissing<T>(
  sns: readonly string[],
  fetchBatch: (some: readonly string[]) => Promise<T[]>,
): Promise<T[]> {
  if (sns.length === 0) return [];
  if (sns.length > maxBatchSize) throw new RangeError(`at most ${maxBatchSize} orders a call, not ${sns.length}`);
  try {
    return await fetchBatch(sns);
  } catch (error) {
    if (!(error instanceof ShopeeError) || error.kind !== 'not-found') throw error;
    if (sns.length === 1) return [];
    const middle = Math.ceil(sns.length / 2);
    const first = await bisectOnMissing(sns.slice(0, middle), fetchBatch);
    return [...first, ...(await bisectOnMissing(sns.slice(middle), fetchBatch))];
  }
}
