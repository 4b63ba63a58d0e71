import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureSheet } from './measure-sheet.ts';

const help = `node packages/bench/src/sheet/main.ts [options]: how fast orders become rows, and what a flush costs

  --orders N      orders waiting in the queue (20000)
  --one-by-one N  orders of the run with one at a time (30)
  --seconds N     of five orders a second (40)
  --dir PATH      where data and logs go (a new folder below the system's temporary one)`;

const { values } = parseArgs({
  options: {
    orders: { type: 'string', default: '20000' },
    'one-by-one': { type: 'string', default: '30' },
    seconds: { type: 'string', default: '40' },
    dir: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});

if (values.help === true) {
  console.log(help);
} else {
  await measureSheet({
    dir: values.dir ?? mkdtempSync(join(tmpdir(), 'shopee-webhook-sheet-')),
    orders: Number(values.orders),
    ordersOneByOne: Number(values['one-by-one']),
    steady: { perSecond: 5, seconds: Number(values.seconds) },
    log: (text) => console.log(text),
  });
}
