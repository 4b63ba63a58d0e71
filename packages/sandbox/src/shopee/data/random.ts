/** A repeatable source of chance: the same seed gives the same sequence on every machine. */
export interface Random {
  /** From 0 (included) to 1 (excluded). */
  next(): number;
  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number;
  pick<T>(list: readonly T[]): T;
  chance(probability: number): boolean;
}

/** The sequence that belongs to these parts, whatever was drawn from others before (mulberry32 over an FNV-1a hash). */
export function randomOf(...parts: (number | string)[]): Random {
  let state = hashOf(parts.join('\0'));
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const int = (min: number, max: number) => min + Math.floor(next() * (max - min + 1));
  return {
    next,
    int,
    chance: (probability) => next() < probability,
    pick: (list) => at(list, int(0, list.length - 1)),
  };
}

/** A whole number below 2^32 that belongs to the text. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}

function at<T>(list: readonly T[], index: number): T {
  const [found] = list.slice(index, index + 1);
  if (found === undefined) throw new Error('nothing to pick from');
  return found;
}
