/** The value below which the share `p` (0 to 1) of the values lies; null of none. */
export function percentile(values: readonly number[], p: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? null;
}

/**
 * The place that the newest of `seen` values gets in a fair sample of at most `keep`, if any: each of them has the same
 * chance to be in it (Vitter's algorithm R).
 */
export function reservoirSlot(seen: number, capacity: number, random: () => number = Math.random): number | undefined {
  if (seen <= capacity) return seen - 1;
  const place = Math.floor(random() * seen);
  return place < capacity ? place : undefined;
}

/** Numbers as a minute's row keeps them: text, separated by blanks. */
export function parseSamples(text: unknown): number[] {
  return typeof text === 'string' && text !== '' ? text.split(' ').map(Number) : [];
}
