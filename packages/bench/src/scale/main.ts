import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureWorkers } from './measure-workers.ts';

const help = `node packages/bench/src/scale/main.ts [options]: how much several workers help when Shopee is slow

  --workers A,B   how many, one run each (1,2,4)
  --orders N      orders that wait in the queue (6000)
  --shopee-ms N   how long Shopee takes for a call (2000)
  --dir PATH      where data and logs go (a new folder below the system's temporary one)`;

const { values } = parseArgs({
  options: {
    workers: { type: 'string', default: '1,2,4' },
    orders: { type: 'string', default: '6000' },
    'shopee-ms': { type: 'string', default: '2000' },
    dir: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});

if (values.help === true) {
  console.log(help);
} else {
  await measureWorkers({
    dir: values.dir ?? mkdtempSync(join(tmpdir(), 'shopee-webhook-scale-')),
    workers: values.workers.split(',').map(Number),
    orders: Number(values.orders),
    shopeeMs: Number(values['shopee-ms']),
    say: (text) => console.log(text),
  });
}
