/** The value below which the share `p` (0 to 1) of the values lies; null of none. */
export function percentile(values: readonly number[], p: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? null;
}

/**
 * Adds a duration (ms) to a fair sample of at most `keep`: each of the `seen` so far has the same chance to be in it
 * (Vitter's algorithm R).
 */
export function sampled(
  samples: readonly number[],
  ms: number,
  options: { seen: number; keep: number; random?: () => number },
): number[] {
  const { seen, keep, random = Math.random } = options;
  const value = Math.round(ms * 100) / 100;
  if (samples.length < keep) return [...samples, value];
  const place = Math.floor(random() * seen);
  return place < keep ? samples.with(place, value) : [...samples];
}

/** Numbers as a minute's row keeps them: text, separated by blanks. */
export function numbersIn(text: unknown): number[] {
  return typeof text === 'string' && text !== '' ? text.split(' ').map(Number) : [];
}
