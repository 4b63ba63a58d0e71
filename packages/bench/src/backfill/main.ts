import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { formatBackfillTable, measureBackfill, type BackfillResult } from './measure-backfill.ts';

const help = `node packages/bench/src/backfill/main.ts [options]: how fast past orders become rows, and with how much memory

  --orders N,M    one run for each (10000,100000)
  --google-ms N   a Google call takes this long (50)
  --shopee-ms N   a Shopee call takes this long (10)
  --dir PATH      where data and logs go (a new folder below the system's temporary one)`;

const { values } = parseArgs({
  options: {
    orders: { type: 'string', default: '10000,100000' },
    'google-ms': { type: 'string', default: '50' },
    'shopee-ms': { type: 'string', default: '10' },
    dir: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});

if (values.help === true) {
  console.log(help);
} else {
  const dir = values.dir ?? mkdtempSync(join(tmpdir(), 'shopee-webhook-backfill-'));
  const latencies = { googleMs: Number(values['google-ms']), shopeeMs: Number(values['shopee-ms']) };
  const runs: BackfillResult[] = [];
  for (const orders of values.orders.split(',').map(Number)) {
    runs.push(await measureBackfill({ dir: join(dir, String(orders)), orders, latencies, log: console.log }));
  }
  console.log(formatBackfillTable(runs));
}
