import { quotaBurst, quotaIntervalMs } from '@shopee-webhook/sheets';
import { Random } from '../load/random.ts';
import { percentile } from '../report/table.ts';

export interface SheetsScenario {
  shops: number;
  /** Order events of one shop, a second. */
  perShop: number;
  /** Spreadsheets that the shops share. */
  spreadsheets: number;
  /** Service accounts that the spreadsheets share; each has Google's quota to itself. */
  accounts: number;
  /** How long is simulated, s; the first fifth is not counted. */
  seconds: number;
  seed: number;
}

export interface SheetsDelay {
  /** From the event to its row, s. */
  p50: number;
  p95: number;
  /** Flushes a minute and account. */
  flushesPerMinute: number;
}

/** A preflight read and the write, s. */
const flushSeconds = 1.6;
/** Orders in one flush of 2,000 rows, with two lines each. */
const ordersPerFlush = 650;

/**
 * How long an event waits for its row when many spreadsheets share the requests of few
 * service accounts. Events arrive at random; a spreadsheet with pending rows queues for the next request of its
 * account, and then writes all of them.
 */
export function simulateSheets(scenario: SheetsScenario): SheetsDelay {
  const random = new Random(scenario.seed);
  const perAccount = Math.ceil(scenario.spreadsheets / scenario.accounts);
  const rate = (scenario.shops * scenario.perShop) / scenario.accounts;
  const delays: number[] = [];
  const pending: number[][] = Array.from({ length: perAccount }, () => []);
  const freeAt = new Float64Array(perAccount);
  const queue: number[] = [];
  let tokenAt = 0;
  let flushes = 0;
  let arrival = nextGap(random, rate);

  const flush = (sheet: number, now: number) => {
    const taken = pending[sheet]?.splice(0, ordersPerFlush) ?? [];
    const end = now + flushSeconds;
    freeAt[sheet] = end;
    flushes += 1;
    for (const at of taken) if (at > scenario.seconds / 5) delays.push(end - at);
    if ((pending[sheet]?.length ?? 0) > 0) queue.push(sheet);
  };

  for (let now = 0; now < scenario.seconds;) {
    // The generic cell rate algorithm of the product's own bucket: a burst, then one for each interval.
    const availableAt = tokenAt - ((quotaBurst - 1) * quotaIntervalMs) / 1000;
    const next = queue.findIndex((sheet) => (freeAt[sheet] ?? 0) <= Math.max(now, availableAt));
    const flushAt = next < 0 ? earliest(queue, freeAt) : Math.max(now, availableAt);
    if (queue.length > 0 && flushAt <= arrival) {
      now = Math.max(now, flushAt);
      if (next < 0) continue;
      const [sheet = 0] = queue.splice(next, 1);
      tokenAt = Math.max(tokenAt, now) + quotaIntervalMs / 1000;
      flush(sheet, now);
      continue;
    }
    now = arrival;
    const sheet = Math.floor(random.next() * perAccount);
    const rows = pending[sheet];
    rows?.push(now);
    if (rows?.length === 1) queue.push(sheet);
    arrival = now + nextGap(random, rate);
  }
  return {
    p50: percentile(delays, 0.5),
    p95: percentile(delays, 0.95),
    flushesPerMinute: (flushes / scenario.seconds) * 60,
  };
}

/** Time to the next event when `rate` come in a second at random, s. */
function nextGap(random: Random, rate: number): number {
  return -Math.log(1 - random.next()) / rate;
}

function earliest(queue: readonly number[], freeAt: Float64Array): number {
  return Math.min(...queue.map((sheet) => freeAt[sheet] ?? 0));
}
