import type { SheetRow } from '../schema/schema.ts';

type RowAge = Pick<SheetRow, 'version' | 'requestedAt'>;

/** Whether `row` is of an older version than `other`, or of the same with income that was asked for earlier. */
export function isOlder(row: RowAge, other: RowAge): boolean {
  if (row.version !== other.version) return row.version < other.version;
  return row.requestedAt !== undefined && other.requestedAt !== undefined && row.requestedAt < other.requestedAt;
}

/**
 * How old the income is in the rows that this process wrote last; the sheet knows their version only. So many are written
 * within some seconds at the most, and an answer that was overtaken comes no later than that.
 */
export class RecentVersions {
  readonly #maxRows: number;
  /** In the order in which they were written. */
  readonly #ages = new Map<string, RowAge>();

  constructor(maxRows = 20_000) {
    this.#maxRows = maxRows;
  }

  record({ tab, key, version, requestedAt }: SheetRow): void {
    if (requestedAt === undefined) return;
    const id = `${tab}\n${key}`;
    this.#ages.delete(id);
    this.#ages.set(id, { version, requestedAt });
    if (this.#ages.size <= this.#maxRows) return;
    const [oldest] = this.#ages.keys();
    if (oldest !== undefined) this.#ages.delete(oldest);
  }

  /** Whether the row was written with newer income of the same version. */
  isNewer(row: SheetRow): boolean {
    const written = this.#ages.get(`${row.tab}\n${row.key}`);
    return written?.version === row.version && isOlder(row, written);
  }
}
