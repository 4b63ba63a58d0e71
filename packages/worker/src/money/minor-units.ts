/** An amount as a whole number of the currency's smallest unit, so that sums are exact. */
export function toMinor(amount: number, decimals: number): number {
  return Math.round(amount * 10 ** decimals);
}

/** The amount of a number of smallest units. */
export function fromMinor(minor: number, decimals: number): number {
  return minor / 10 ** decimals;
}
