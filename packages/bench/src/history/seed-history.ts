import { DatabaseSync } from 'node:sqlite';
import { History } from '@shopee-webhook/history/history';
import { Random } from '../load/random.ts';

export interface SeedHistoryOptions {
  path: string;
  events: number;
  /** The first and the last event, ms. */
  from: number;
  to: number;
}

const shops = 5;
const codes = [3, 3, 3, 4, 3, 30, 15] as const;
const finalStates = ['dead', 'retrying', 'discarded'] as const;

/** An order's number, as Shopee's are: its day and eight letters and digits. */
export function buildOrderNumber(at: number, index: number): string {
  const day = new Date(at).toISOString().slice(2, 10).replaceAll('-', '');
  return day + ((index * 2_654_435_761) % 36 ** 8).toString(36).toUpperCase().padStart(8, '0');
}

/**
 * Writes a history file with so many events, each with four steps: three per order, one in a hundred not handled. The
 * rows are the ones that `History.append` would write, written directly, which takes a minute instead of twelve.
 */
export function seedHistory({ path, events, from, to }: SeedHistoryOptions): void {
  new History(path).close();
  using db = new DatabaseSync(path);
  db.exec('PRAGMA synchronous = OFF; BEGIN');
  const event =
    db.prepare(`INSERT INTO events (seq, id, at, code, shop, sn, state, attempts, notified, row, handle_ms, last_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, 1, 1, ?, ?, ?)`);
  const step = db.prepare('INSERT INTO steps VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const minute =
    db.prepare(`INSERT INTO minutes (minute, received, handled, ack_ms, handle_ms) VALUES (?, 1, 1, '2 3 4', '150 200 900')
    ON CONFLICT DO UPDATE SET received = received + 1, handled = handled + 1`);
  const order =
    db.prepare(`INSERT OR REPLACE INTO orders (shop, sn, placed_at, handled_at, status, region, currency, total, net)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const random = new Random(8);
  for (let index = 0; index < events; index += 1) {
    const at = Math.floor(from + ((to - from) * index) / events);
    const sn = buildOrderNumber(at, Math.floor(index / 3));
    const shop = String(700_000_001 + (Math.floor(index / 3) % shops));
    const state = random.next() < 0.01 ? (finalStates[index % 3] ?? 'dead') : 'handled';
    event.run(index + 1, `e${index.toString(36)}`, at, codes[index % 7] ?? 3, shop, sn, state, index, 150, at + 150);
    for (const [position, name] of ['queued', 'taken', 'written', 'handled'].entries()) {
      step.run(index + 1, `${String(at)}-${String(position)}`, at + position * 40, name, 2, null, null, null, null);
    }
    minute.run(Math.floor(at / 60_000));
    if (index % 3 === 0) order.run(shop, sn, at, at + 150, 'SHIPPED', 'ID', 'IDR', 120_000, 100_000);
  }
  db.exec('COMMIT');
}
