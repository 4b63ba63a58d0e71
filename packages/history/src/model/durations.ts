/** The `p` quantile (0 to 1) of the values; null without values. */
export function percentile(values: readonly number[], p: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? null;
}

/**
 * The slot of the newest of `seen` values in a uniform sample of at most `capacity`, if any: each value has the same
 * chance (reservoir sampling, Vitter's algorithm R).
 */
export function reservoirSlot(seen: number, capacity: number, random: () => number = Math.random): number | undefined {
  if (seen <= capacity) return seen - 1;
  const place = Math.floor(random() * seen);
  return place < capacity ? place : undefined;
}

/** The samples of a minute's row: text, space-separated. */
export function parseSamples(text: unknown): number[] {
  return typeof text === 'string' && text !== '' ? text.split(' ').map(Number) : [];
}
