import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '@shopee-webhook/runtime';
import { History } from '@shopee-webhook/history/history';
import { seedHistory, buildOrderNumber } from './seed-history.ts';

// How long the dashboard's searches take over a full history: `node packages/bench/src/history/main.ts [--events 1000000]
// [--file history.db]`. Exits with 1 when one takes longer than allowed.
const { values } = parseArgs({ options: { events: { type: 'string', default: '1000000' }, file: { type: 'string' } } });
const events = Number(values.events);
const maxMs = 200;
const rounds = 7;
const day = 86_400_000;

const folder = mkdtempSync(join(tmpdir(), 'history-bench-'));
const path = values.file ?? join(folder, 'history.db');
// The end of a minute, so that an existing file can be queried again.
const to = Date.UTC(2026, 10, 23, 12);
const from = to - 90 * day;
if (!existsSync(path)) {
  const begun = systemClock.monotonicMs();
  seedHistory({ path, events, from, to });
  console.log(
    `${events.toLocaleString('en')} events written in ${((systemClock.monotonicMs() - begun) / 1000).toFixed(0)} s`,
  );
}

const history = new History(path);
const middle = Math.floor(events / 2);
const at = from + ((to - from) * middle) / events;
const sn = buildOrderNumber(from + ((to - from) * Math.floor(middle / 3) * 3) / events, Math.floor(middle / 3));
const page = { limit: 50 };
const all = { from, to, buckets: 60 };
const queries: Record<string, () => unknown> = {
  'newest page': () => history.events({}, page),
  'an order, whole number': () => history.events({ search: sn }, page),
  'a day of orders, 6 digits': () => history.events({ search: sn.slice(0, 6) }, page),
  'every order, 2 digits': () => history.events({ search: '26' }, page),
  'an order that does not exist': () => history.events({ search: '261123ZZZZZZZZ' }, page),
  'an event by its id': () => history.events({ search: `e${middle.toString(36)}` }, page),
  'dead letters': () => history.events({ state: 'dead' }, page),
  'code, shop and state': () => history.events({ code: 4, shop: '700000003', state: 'dead' }, page),
  'a shop in one week': () => history.events({ shop: '700000003', from: at, to: at + 7 * day }, page),
  'order and state without a match': () => history.events({ search: '26', state: 'waiting' }, page),
  'page 10,000': () => history.events({}, { ...page, before: middle }),
  'histogram of all': () => history.histogram({}, all),
  'histogram of a state': () => history.histogram({ state: 'handled' }, all),
  'histogram of a code': () => history.histogram({ code: 3 }, all),
  'histogram of an order': () => history.histogram({ search: sn }, all),
  'histogram of a day of orders': () => history.histogram({ search: sn.slice(0, 6) }, all),
  'histogram of every order': () => history.histogram({ search: '26' }, all),
  'histogram of orders in a week': () => history.histogram({ search: '26' }, { ...all, from: to - 7 * day }),
  'histogram of orders of a code': () => history.histogram({ search: '26', code: 3 }, all),
  'orders of a shop and a code': () => history.events({ search: '26', code: 4, shop: '700000003' }, page),
  'one event with its steps': () => history.event(`e${middle.toString(36)}`),
  'charts of 7 days': () => history.minutes({ from: to - 7 * day, to, bucketMinutes: 120 }),
  'sales of a day': () => history.sales('ID', to - day),
};

let tooSlow = 0;
console.log(`${'query'.padEnd(34)}${'median'.padStart(9)}${'worst'.padStart(9)}   ms`);
for (const [name, run] of Object.entries(queries)) {
  const times = Array.from({ length: rounds }, () => {
    const begun = systemClock.monotonicMs();
    run();
    return systemClock.monotonicMs() - begun;
  }).toSorted((a, b) => a - b);
  const [median = 0, worst = 0] = [times[Math.floor(rounds / 2)], times.at(-1)];
  if (worst > maxMs) tooSlow += 1;
  console.log(`${name.padEnd(34)}${median.toFixed(1).padStart(9)}${worst.toFixed(1).padStart(9)}`);
}
history.close();
rmSync(folder, { recursive: true });
if (tooSlow > 0) {
  console.log(`${String(tooSlow)} took longer than ${String(maxMs)} ms`);
  process.exitCode = 1;
}
