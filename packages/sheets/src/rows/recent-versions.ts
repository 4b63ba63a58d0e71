import type { SheetRow } from '../schema/schema.ts';

type RowAge = Pick<SheetRow, 'version' | 'requestedAt'>;

/** A row that was written, with its version and when that was requested. */
export interface WrittenVersion extends RowAge {
  tab: string;
  key: string;
}

/** Whether `row` is of an older version than `other`, or of the same and requested earlier. */
export function isOlder(row: RowAge, other: RowAge): boolean {
  if (row.version !== other.version) return row.version < other.version;
  return row.requestedAt !== undefined && other.requestedAt !== undefined && row.requestedAt < other.requestedAt;
}

/**
 * What was written last, by this process and those before and beside it: the versions, against which the sheet's are
 * checked, for a user may restore an older version of the file; and when each was requested, which the sheet does not know.
 */
export class RecentVersions {
  readonly #maxRows: number;
  /** In the order in which they were written. */
  readonly #rows = new Map<string, WrittenVersion>();

  constructor(maxRows = 20_000) {
    this.#maxRows = maxRows;
  }

  /** Takes in what other processes wrote. */
  recordForeign(rows: readonly WrittenVersion[]): void {
    for (const row of rows) {
      const known = this.#rows.get(`${row.tab}\n${row.key}`);
      if (row.version === 0) this.forget(row);
      else if (known === undefined || !isOlder(row, known)) this.record(row);
    }
  }

  record({ tab, key, version, requestedAt }: WrittenVersion): void {
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
  isNewer(row: WrittenVersion): boolean {
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

/**
 * The rows whose version in the sheet, by tab and key, is lower than the one that was written: the user restored an older
 * version of the file, or took a write back. Then rows that are gone belong to them; by themselves the user deleted them.
 */
export function findOutdated(
  written: readonly WrittenVersion[],
  versions: ReadonlyMap<string, number>,
): WrittenVersion[] {
  const outdated = written.filter(({ tab, key, version }) => (versions.get(`${tab}\n${key}`) ?? 0) < version);
  // A version cell that was cleared is the user's edit.
  return outdated.some(({ tab, key }) => (versions.get(`${tab}\n${key}`) ?? 0) > 0) ? outdated : [];
}
