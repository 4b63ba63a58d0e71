/** Days after completion until a payout is overdue: Shopee documents none, so that the seller says. */
export interface OverdueDays {
  /** For regions without a number of their own. */
  default: number;
  byRegion: ReadonlyMap<string, number>;
}

/** Parses PAYOUT_OVERDUE_DAYS: days, and `region:days` for those with another number; undefined if it is neither. */
export function parseOverdueDays(parts: readonly string[]): OverdueDays | undefined {
  const byRegion = new Map<string, number>();
  let fallback: number | undefined;
  for (const part of parts) {
    const { region, days = '' } = /^(?:(?<region>[A-Z]{2}):)?(?<days>\d{1,3})$/i.exec(part)?.groups ?? {};
    if (days === '') return undefined;
    if (region === undefined) fallback = Number(days);
    else byRegion.set(region.toUpperCase(), Number(days));
  }
  return fallback === undefined ? undefined : { default: fallback, byRegion };
}

/** The days of a region. */
export function overdueDaysOf({ default: fallback, byRegion }: OverdueDays, region: string): number {
  return byRegion.get(region.toUpperCase()) ?? fallback;
}
