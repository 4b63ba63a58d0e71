/** A transaction of a wallet; amounts in minor units (whole numbers). */
export interface LedgerLine {
  id: string;
  /** Unix seconds; several transactions may share one. */
  at: number;
  /** By how much it changes the balance, signed. */
  change: number;
  /** The balance after it, as Shopee prints it. */
  balance: number;
}

/** What of a balance no transaction accounts for; undefined for the first line, before which nothing is known. */
export type CheckedLine<Line extends LedgerLine> = Line & { gap: number | undefined };

/** One month of a wallet; `opening + added + deducted + gap = closing`, always. Minor units. */
export interface LedgerMonth {
  /** `2026-11` */
  month: string;
  opening: number;
  /** Sum of what was added; 0 or more. */
  added: number;
  /** Sum of what was deducted; 0 or less. */
  deducted: number;
  /** 0 when every transaction of the month is here. */
  gap: number;
  closing: number;
  transactions: number;
}

/**
 * Brings transactions into the order in which they happened and finds where the balance moves without one. Of those that
 * share a second, Shopee does not say which came first: their balances do. `balanceBefore`: the balance before all of them,
 * when it is known.
 */
export function checkLedger<Line extends LedgerLine>(
  lines: readonly Line[],
  balanceBefore?: number,
): CheckedLine<Line>[] {
  let balance = balanceBefore;
  const ordered: CheckedLine<Line>[] = [];
  const byTime = [...Map.groupBy(lines, ({ at }) => at)].toSorted(([left], [right]) => left - right);
  for (const [, tied] of byTime) {
    for (const line of tied.length === 1 ? tied : chain(tied, balance)) {
      ordered.push({ ...line, gap: balance === undefined ? undefined : line.balance - line.change - balance });
      balance = line.balance;
    }
  }
  return ordered;
}

/** Sums checked lines by month. `monthOf` names the month of a time in the shop's zone, as `2026-11`. */
export function ledgerMonths(
  lines: readonly CheckedLine<LedgerLine>[],
  monthOf: (at: number) => string,
): LedgerMonth[] {
  const months: LedgerMonth[] = [];
  for (const { at, change, balance, gap = 0 } of lines) {
    const month = monthOf(at);
    let current = months.at(-1);
    if (current?.month !== month) {
      const opening = current?.closing ?? balance - change - gap;
      current = { month, opening, added: 0, deducted: 0, gap: 0, closing: opening, transactions: 0 };
      months.push(current);
    }
    if (change >= 0) current.added += change;
    else current.deducted += change;
    current.gap += gap;
    current.closing = balance;
    current.transactions += 1;
  }
  return months;
}

/**
 * The order in which each line's balance follows from the one before it. A line leads from one balance to another, so that
 * this is a path over all edges of a graph (Hierholzer); where lines are missing there are several, one after the other.
 */
function chain<Line extends LedgerLine>(lines: readonly Line[], balanceBefore: number | undefined): Line[] {
  const remaining = Map.groupBy(
    lines.toSorted((left, right) => right.id.localeCompare(left.id)),
    (line) => line.balance - line.change,
  );
  const paths: Line[][] = [];
  let start = balanceBefore !== undefined && remaining.has(balanceBefore) ? balanceBefore : startOf(remaining);
  while (start !== undefined) {
    paths.push(pathFrom(start, remaining));
    start = startOf(remaining);
  }
  return paths.flat();
}

/** A balance that more lines leave than reach, else any that a line leaves; undefined when no line remains. */
function startOf(remaining: ReadonlyMap<number, readonly LedgerLine[]>): number | undefined {
  const surplus = new Map<number, number>();
  const add = (balance: number, count: number) => surplus.set(balance, (surplus.get(balance) ?? 0) + count);
  for (const [from, lines] of remaining) {
    for (const { balance } of lines) {
      add(from, 1);
      add(balance, -1);
    }
  }
  let any: number | undefined;
  for (const [balance, count] of surplus) {
    if (count > 0) return balance;
    if ((remaining.get(balance)?.length ?? 0) > 0) any ??= balance;
  }
  return any;
}

/** Takes the lines of a path that begins at this balance. */
function pathFrom<Line extends LedgerLine>(start: number, remaining: Map<number, Line[]>): Line[] {
  const path: Line[] = [];
  const stack: { balance: number; line?: Line }[] = [{ balance: start }];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const next = remaining.get(top.balance)?.pop();
    if (next !== undefined) stack.push({ balance: next.balance, line: next });
    else {
      stack.pop();
      if (top.line !== undefined) path.push(top.line);
    }
  }
  return path.toReversed();
}
