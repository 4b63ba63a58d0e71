import type { SheetRow } from '../schema/schema.ts';

type RowAge = Pick<SheetRow, 'version' | 'requestedAt'>;

/** A row that this process wrote, with the version that it wrote. */
export interface WrittenVersion {
  tab: string;
  key: string;
  version: number;
}

/** Whether `row` is of an older version than `other`, or of the same and requested earlier. */
export function isOlder(row: RowAge, other: RowAge): boolean {
  if (row.version !== other.version) return row.version < other.version;
  return row.requestedAt !== undefined && other.requestedAt !== undefined && row.requestedAt < other.requestedAt;
}

/**
 * What this process wrote last: the versions, against which the sheet's are checked, for a user may restore an older version
 * of the file; and when each was requested, which the sheet does not know.
 */
export class RecentVersions {
  readonly #maxRows: number;
  /** In the order in which they were written. */
  readonly #rows = new Map<string, WrittenVersion & RowAge>();

  constructor(maxRows = 20_000) {
    this.#maxRows = maxRows;
  }

  record({ tab, key, version, requestedAt }: SheetRow): void {
    const id = `${tab}\n${key}`;
    const known = this.#rows.get(id);
    const knownAt = known?.version === version ? known.requestedAt : undefined;
    this.#rows.delete(id);
    this.#rows.set(id, { tab, key, version, requestedAt: requestedAt ?? knownAt });
    if (this.#rows.size <= this.#maxRows) return;
    const [oldest] = this.#rows.keys();
    if (oldest !== undefined) this.#rows.delete(oldest);
  }

  /** Whether the row was written with values of the same version that were requested later. */
  isNewer(row: SheetRow): boolean {
    const written = this.#rows.get(`${row.tab}\n${row.key}`);
    return written?.version === row.version && isOlder(row, written);
  }

  all(): WrittenVersion[] {
    return [...this.#rows.values()];
  }

  /** The last ones that were written: a restored version of the file lacks them first. */
  latest(count: number): WrittenVersion[] {
    return [...this.#rows.values()].slice(-count);
  }

  forget({ tab, key }: Pick<SheetRow, 'tab' | 'key'>): void {
    this.#rows.delete(`${tab}\n${key}`);
  }
}
