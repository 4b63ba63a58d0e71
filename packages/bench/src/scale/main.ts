import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureFailover } from './measure-failover.ts';
import { measureWorkers } from './measure-workers.ts';

const help = `node packages/bench/src/scale/main.ts [options]: how much several workers help when Shopee is slow,
and what a failover costs

  --workers A,B   how many, one run each (1,2,4)
  --orders N      orders waiting in the queue (6000)
  --shopee-ms N   duration of a Shopee call (2000)
  --only NAME     workers or failover
  --dir PATH      where data and logs go (a new folder below the system's temporary one)`;

const { values } = parseArgs({
  options: {
    workers: { type: 'string', default: '1,2,4' },
    orders: { type: 'string', default: '6000' },
    'shopee-ms': { type: 'string', default: '2000' },
    only: { type: 'string' },
    dir: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});

if (values.help === true) {
  console.log(help);
} else {
  const dir = values.dir ?? mkdtempSync(join(tmpdir(), 'shopee-webhook-scale-'));
  const log = (text: string) => console.log(text);
  if (values.only !== 'failover') {
    const workers = values.workers.split(',').map(Number);
    await measureWorkers({ dir, workers, orders: Number(values.orders), shopeeMs: Number(values['shopee-ms']), log });
  }
  if (values.only !== 'workers') await measureFailover({ dir: join(dir, 'failover'), perSecond: 25, pushes: 400, log });
}
