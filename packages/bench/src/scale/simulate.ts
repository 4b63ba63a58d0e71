import { formatNumber, percentile, formatTable } from '../report/table.ts';
import { simulateSheets } from './simulate-sheets.ts';

/** An average shop on a campaign day: 1,200 events a day, ten times as dense at the peak. */
const perShop = (1_200 / 86_400) * 10;

const scenarios: { name: string; shops: number; spreadsheets: number; accounts: number }[] = [
  { name: '1 shop', shops: 1, spreadsheets: 1, accounts: 1 },
  { name: '10 shops, one spreadsheet', shops: 10, spreadsheets: 1, accounts: 1 },
  { name: '10 shops, a spreadsheet each', shops: 10, spreadsheets: 10, accounts: 1 },
  { name: '100 shops, one spreadsheet', shops: 100, spreadsheets: 1, accounts: 1 },
  { name: '100 shops, a spreadsheet each', shops: 100, spreadsheets: 100, accounts: 1 },
  { name: '1,000 shops, one spreadsheet', shops: 1_000, spreadsheets: 1, accounts: 1 },
  { name: '1,000 shops, 20 spreadsheets', shops: 1_000, spreadsheets: 20, accounts: 1 },
  { name: '1,000 shops, a spreadsheet each', shops: 1_000, spreadsheets: 1_000, accounts: 1 },
  { name: '1,000 shops, a spreadsheet each, 20 accounts', shops: 1_000, spreadsheets: 1_000, accounts: 20 },
  { name: '100,000 shops, 1,000 spreadsheets, 100 accounts', shops: 100_000, spreadsheets: 1_000, accounts: 100 },
];

const rows = scenarios.map(({ name, ...world }) => {
  const runs = [1, 2, 3].map((seed) => simulateSheets({ ...world, perShop, seconds: 3_600, seed }));
  const median = (figures: number[]) => formatNumber(percentile(figures, 0.5), 1);
  const p50 = median(runs.map((run) => run.p50));
  const p95 = median(runs.map((run) => run.p95));
  return [name, `p50 ${p50} s, p95 ${p95} s, ${median(runs.map((run) => run.flushesPerMinute))} flushes/min`] as const;
});
console.log(
  formatTable('From the event to its row at the peak of a campaign day, one hour, median of three seeds', rows),
);
