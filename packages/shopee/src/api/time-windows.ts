/** What order and return lists take at once. */
const maxWindowSeconds = 15 * 86_400;

/**
 * Cuts a time (unix seconds) into windows of at most 15 days. Neighbors share their border second: whether Shopee counts
 * the end in is not documented, and meeting an order twice does no harm.
 */
export function timeWindows(
  from: number,
  to: number,
  windowSeconds = maxWindowSeconds,
): { from: number; to: number }[] {
  const windows: { from: number; to: number }[] = [];
  for (let start = from; start < to; start += windowSeconds) {
    windows.push({ from: start, to: Math.min(start + windowSeconds, to) });
  }
  return windows;
}
