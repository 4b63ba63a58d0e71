import type { Random } from '../load/random.ts';
import { faultKinds } from './fault-kinds.ts';

export interface PlannedFault {
  name: string;
  /** How many pushes have been sent when it comes. */
  afterPushes: number;
}

/** Each kind comes once before any comes twice, in an order and at times that the seed decides. */
export function planFaults(
  random: Random,
  options: { count: number; pushes: number; kinds?: string[] },
): PlannedFault[] {
  const names: string[] = [];
  const kinds = options.kinds ?? Object.keys(faultKinds);
  while (names.length < options.count) names.push(...shuffle(random, kinds));
  // The first pushes create the tabs; the last ones come after every fault.
  const span = options.pushes * 0.9;
  return names.slice(0, options.count).map((name, index) => ({
    name,
    afterPushes: Math.round(options.pushes * 0.03 + (span * (index + random.next() * 0.8)) / options.count),
  }));
}

function shuffle<T>(random: Random, values: readonly T[]): T[] {
  return values
    .map((value) => ({ value, sortKey: random.next() }))
    .toSorted((a, b) => a.sortKey - b.sortKey)
    .map(({ value }) => value);
}
