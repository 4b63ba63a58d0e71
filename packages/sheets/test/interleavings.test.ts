import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { type SheetRow, type SheetWriter, columnName } from '../src/index.ts';
import type { ApiFault, UserEdit } from '../../sandbox/src/index.ts';
import { headersOf, sheetWorld, type SheetWorld } from './sheet-world.ts';

/** What happens in a run: workers bring orders, the user works in the sheet, Google stumbles, time passes. */
type Event =
  | { kind: 'upsert'; writer: number; orders: number[] }
  | { kind: 'edit'; edit: Edit; underWrite: boolean }
  | { kind: 'fault'; fault: ApiFault; on: string }
  | { kind: 'pause'; ms: number };

type Edit = UserEdit | { kind: 'translate'; column: string };

const orderCount = 12;
const noteHeader = 'My note';
const movable = ['Status', 'Created', 'Order total', 'Row key', 'Version', 'Buyer'];
const faults: ApiFault[] = [
  '429', '503-applied', '503-not-applied', 'reset-after-apply', 'reset-before-apply', 'hang',
  'hang-then-applied-late', 'html-408', '500', '401',
]; // prettier-ignore

const row = fc.integer({ min: 2, max: orderCount + 2 });
/** The header's row among them. */
const anyRow = fc.integer({ min: 1, max: orderCount + 2 });
/** Begins a header that the user translated. */
const translation = 'cột ';
const column = fc.constantFrom(...movable);
const tab = fc.constant('Orders');
const edits: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ kind: fc.constant('translate' as const), column }),
  // The header is sorted into the rows.
  fc.record({
    kind: fc.constant('sort-range' as const),
    tab,
    range: fc.constant('A1:DZ40'),
    column: fc.constant('A'),
    descending: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('sort' as const), tab, column: fc.constant('Units'), descending: fc.boolean() }),
  fc.record({ kind: fc.constant('insert-rows' as const), tab, at: anyRow, count: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constant('delete-rows' as const), tab, at: anyRow }),
  fc.record({ kind: fc.constant('move-rows' as const), tab, at: anyRow, to: row }),
  fc.record({ kind: fc.constant('insert-column' as const), tab, before: column }),
  fc.record({ kind: fc.constant('insert-column' as const), tab, before: column, header: fc.constant('Status') }),
  fc.record({ kind: fc.constant('move-column' as const), tab, column, before: column }),
  fc.record({ kind: fc.constant('settings' as const), timeZone: fc.constantFrom('Asia/Bangkok', 'Asia/Singapore') }),
  fc.record({ kind: fc.constant('rename-tab' as const), tab, to: fc.constantFrom('Pesanan', 'Orders', "Seller's") }),
);

const upserts = fc.record({
  kind: fc.constant('upsert' as const),
  writer: fc.nat(1),
  orders: fc.uniqueArray(fc.nat(orderCount + 5), { minLength: 1, maxLength: 6 }),
});
const pauses = fc.record({ kind: fc.constant('pause' as const), ms: fc.integer({ min: 5, max: 150 }) });
const userEdits = (underWrite: fc.Arbitrary<boolean>) =>
  fc.record({ kind: fc.constant('edit' as const), edit: edits, underWrite });
const stumbles = fc.record({
  kind: fc.constant('fault' as const),
  fault: fc.constantFrom(...faults),
  on: fc.constantFrom('read', 'write', 'values.batchUpdate'),
});

/** One spreadsheet, two workers, a user, and the book of orders as Shopee has it. */
class Run {
  readonly world: SheetWorld;
  readonly writers: SheetWriter[];
  readonly book = new Map<string, SheetRow>();
  /** Orders whose row the user deleted: they may be away until their next change. */
  readonly deleted = new Set<string>();
  /** Orders whose message is back in the queue, for the flush failed or the writer asked for them. */
  readonly queued = new Set<string>();
  #inFlight = 0;

  constructor(world: SheetWorld) {
    this.world = world;
    const timings = { inDoubtWindowMs: 900, shortRetryMs: 60, longRetryMs: 60 };
    const onMissing = async ({ keys }: { keys: string[] }) => {
      for (const key of keys) this.queued.add(key);
      return [];
    };
    this.writers = [0, 1].map(() => world.writer({ timeoutMs: 250, timings, onMissing }));
  }

  /** Twelve orders with a note of the user's beside each, in a column to the right of ours. */
  async begin(): Promise<void> {
    const { google } = this.world;
    this.change(Array.from({ length: orderCount }, (_, n) => n));
    this.bring(0, [...this.book.keys()]);
    await this.quiet();
    const name = columnName(headersOf('Orders').length);
    google.edit({ kind: 'insert-column', tab: 'Orders', before: name, header: noteHeader });
    this.rows().forEach((row, n) =>
      google.edit({
        kind: 'edit-cell',
        tab: 'Orders',
        cell: `${name}${n + 2}`,
        value: `note of ${String(row['Row key'])}`,
      }),
    );
  }

  /** The orders change at Shopee. */
  change(orders: readonly number[]): string[] {
    return orders.map((order) => {
      const key = `1:o${order}`;
      const version = (this.book.get(key)?.version ?? 0) + 1;
      // Reported once: later changes of the order leave the cell as it is.
      const buyer = version === 1 ? { recipient_name: `buyer of ${key}` } : {};
      const cells = {
        order_sn: `o${order}`,
        units: (order * 7 + version) % 19,
        note: `${key} at ${version}`,
        ...buyer,
      };
      this.book.set(key, this.world.row(key, version, cells));
      return key;
    });
  }

  /** A worker brings orders as they are now; those that it cannot bring go back into the queue. */
  bring(writer: number, keys: readonly string[]): void {
    for (const key of keys) {
      const row = this.book.get(key);
      if (row === undefined) continue;
      this.#inFlight += 1;
      this.writers[writer]
        ?.upsert([row])
        .catch(() => this.queued.add(key))
        .finally(() => (this.#inFlight -= 1));
    }
  }

  edit(wanted: Edit, underWrite: boolean): void {
    const { google } = this.world;
    const perform = () => {
      const before = new Set(this.keys());
      const edit = wanted.kind === 'translate' ? this.#translation(wanted.column) : wanted;
      try {
        google.edit('tab' in edit ? { ...edit, tab: this.title } : edit);
      } catch {
        // Sheets does not let the user do that: a row beyond the last one, a column onto itself.
      }
      for (const key of this.keys()) before.delete(key);
      for (const key of before) this.deleted.add(key);
    };
    if (underWrite) google.beforeNextWrite(perform);
    else perform();
  }

  /** Until nothing is in flight, in the queue, or to be looked at again. */
  async quiet(): Promise<void> {
    await vi.waitFor(
      async () => {
        const keys = [...this.queued];
        this.queued.clear();
        this.bring(0, keys);
        await sleep(30);
        const busy = this.#inFlight > 0 || this.queued.size > 0 || !this.writers.every(({ isIdle }) => isIdle);
        if (busy) throw new Error(`not yet quiet: ${this.#inFlight} in flight\n${this.world.log.slice(-6).join('')}`);
      },
      { timeout: 20_000, interval: 20 },
    );
  }

  async end(): Promise<void> {
    const { google } = this.world;
    google.faults.clear();
    await this.quiet();
    await vi.waitFor(() => (google.late === 0 ? undefined : Promise.reject(new Error('late'))), { timeout: 8000 });
    // The time for late writes is over for both workers; then the regular audit.
    await sleep(1000);
    await this.quiet();
    for (let n = 0; n < 2; n += 1) {
      for (const writer of this.writers) await vi.waitFor(() => writer.audit(), { timeout: 8000 });
      await this.quiet();
    }
  }

  get title(): string {
    return this.world.google.sheets()[1]?.title ?? 'Orders';
  }

  /** The rows by the header, wherever that is and in whatever language. */
  rows(): Record<string, unknown>[] {
    const lines = this.#cells();
    const header = lines.find((line) => isHeader(line))?.map(originalText) ?? [];
    return lines
      .filter((line) => !isHeader(line) && line.some((cell) => cell !== ''))
      .map((line) => ({
        ...Object.fromEntries(header.flatMap((text, n) => (text === '' ? [] : [[text, line[n] ?? '']]))),
        // The user's own header does not come back when its row was deleted.
        [noteHeader]: line.find((cell) => String(cell).startsWith('note of ')) ?? '',
      }));
  }

  /** Wherever they stand: the header may be away just now. */
  keys(): string[] {
    return this.#cells()
      .flat()
      .flatMap((cell) => (typeof cell === 'string' && /^1:o\d+$/.test(cell) ? [cell] : []));
  }

  #cells(): unknown[][] {
    return this.world.google.sheet(this.title).rows();
  }

  #translation(column: string): UserEdit {
    const lines = this.#cells();
    const row = lines.findIndex((line) => isHeader(line));
    const at = lines[row]?.map(originalText).indexOf(column) ?? -1;
    return {
      kind: 'edit-cell',
      tab: this.title,
      cell: `${columnName(at)}${row + 1}`,
      value: `${translation}${column}`,
    };
  }
}

function originalText(text: unknown): string {
  return String(text).replace(translation, '');
}

function isHeader(line: readonly unknown[]): boolean {
  const texts = line.map(originalText);
  return ['Order SN', 'Units', 'Row key', 'Version'].filter((text) => texts.includes(text)).length > 1;
}

async function play(events: readonly Event[]): Promise<Run> {
  const run = new Run(await sheetWorld());
  await run.begin();
  for (const event of events) {
    if (event.kind === 'upsert') run.bring(event.writer, run.change(event.orders));
    else if (event.kind === 'edit') run.edit(event.edit, event.underWrite);
    else if (event.kind === 'fault') run.world.google.faults.add({ kind: event.fault, on: event.on, ms: 500 });
    else await sleep(event.ms);
  }
  await run.end();
  return run;
}

/** What is wrong with the sheet: each order should stand once with its newest values; rows that the user deleted may be away. */
function faultsOf(run: Run): string[] {
  const rows = run.rows().filter((row) => row['Row key'] !== '');
  const shown = rows.map((row) =>
    describe(row['Row key'], [row['Version'], row['Seller’s note'], row['Units'], row['Order SN']]),
  );
  const keys = run.keys();
  const expected = [...run.book.values()]
    .filter(({ key }) => keys.includes(key) || !run.deleted.has(key))
    .map(({ key, version, cells }) => describe(key, [version, cells['note'], cells['units'], cells['order_sn']]));
  return [
    ...expected.filter((one) => !shown.includes(one)).map((one) => `missing: ${one}`),
    ...shown.filter((one) => !expected.includes(one)).map((one) => `wrong: ${one}`),
    ...shown.filter((one, n) => shown.indexOf(one) !== n).map((one) => `twice: ${one}`),
    ...rows.filter((row) => !['', `buyer of ${String(row['Row key'])}`].includes(String(row['Recipient']))).map(mixed),
  ];
}

function mixed(row: Record<string, unknown>): string {
  return `mixed: ${String(row['Row key'])} has the ${String(row['Recipient'])}`;
}

function describe(key: unknown, cells: unknown[]): string {
  return `${String(key)} ${JSON.stringify(cells)}`;
}

const long = { timeout: 180_000 };

test('whatever the user, Google and two workers do, each order stands once with its newest values', long, async () => {
  const all = fc.array(fc.oneof({ weight: 5, arbitrary: upserts }, { weight: 4, arbitrary: userEdits(fc.boolean()) }, { weight: 2, arbitrary: stumbles }, { weight: 3, arbitrary: pauses }), { minLength: 4, maxLength: 18 }); // prettier-ignore
  await fc.assert(
    fc.asyncProperty(all, async (events) => {
      const run = await play(events);
      const notes = run.rows().flatMap((row) => (row[noteHeader] === '' ? [] : [row[noteHeader]]));
      expect([faultsOf(run), notes.length - new Set(notes).size]).toEqual([[], 0]);
      await run.world.google.close();
    }),
    { numRuns: 6, endOnFailure: true },
  );
});

test('a user who edits between flushes keeps each note beside its order', long, async () => {
  const calm = fc.array(fc.tuple(userEdits(fc.constant(false)), upserts), { minLength: 2, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(calm, async (pairs) => {
      const run = new Run(await sheetWorld());
      await run.begin();
      for (const [{ edit }, { writer, orders }] of pairs) {
        run.edit(edit, false);
        run.bring(writer, run.change(orders));
        await run.quiet();
      }
      const astray = run
        .rows()
        .filter((row) => !['', `note of ${String(row['Row key'])}`].includes(String(row[noteHeader])));
      expect([faultsOf(run), astray]).toEqual([[], []]);
      await run.world.google.close();
    }),
    { numRuns: 6, endOnFailure: true },
  );
});
