import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runSoak } from './run-soak.ts';

const help = `node packages/bench/src/soak/main.ts [options]: a steady load for a long time; memory of the processes, minute by minute

  --minutes N  how long (30)
  --rate N     pushes a second (50)
  --dir PATH   where data and logs go (a new folder below the system's temporary one); soak.json is the result`;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    rate: { type: 'string', default: '50' },
    dir: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});

if (values.help === true) {
  console.log(help);
} else {
  const dir = values.dir ?? mkdtempSync(join(tmpdir(), 'shopee-webhook-soak-'));
  const rows = await runSoak({
    dir,
    minutes: Number(values.minutes),
    perSecond: Number(values.rate),
    log: (line) => console.log(line),
  });
  writeFileSync(join(dir, 'soak.json'), JSON.stringify(rows, null, 2));
}
