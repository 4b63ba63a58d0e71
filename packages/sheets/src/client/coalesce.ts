/** Gathers numbers into spans from first to last, with no more than `gap` between two neighbors in a span. */
export function coalesce(numbers: readonly number[], gap: number): [number, number][] {
  const found: [number, number][] = [];
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const last = found.at(-1);
    if (last !== undefined && number - last[1] <= gap) last[1] = number;
    else found.push([number, number]);
  }
  return found;
}
