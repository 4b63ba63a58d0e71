import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runChaos } from './chaos-run.ts';
import { passed, formatReport } from './report.ts';

const help = `pnpm chaos [options]: everything fails in turn while pushes arrive; then the sheet is compared with the order book

  --pushes N     pushes to send (2000)
  --orders N     maximum number of orders (400)
  --faults N     faults to inject (36)
  --rate N       pushes per second (20)
  --seed N       decides the plan; without it a random one is chosen and printed
  --only A,B     only these kinds of faults
  --without A,B  disable a safeguard on purpose: brpop, no-guard. The run must then report violations
  --dir PATH     where data and logs go (a new folder below the system's temporary one)

Exit code 0 when nothing is missing, duplicate, stale or wrong; 1 otherwise.`;

const { values } = parseArgs({
  options: {
    pushes: { type: 'string', default: '2000' },
    orders: { type: 'string', default: '400' },
    faults: { type: 'string', default: '36' },
    rate: { type: 'string', default: '20' },
    seed: { type: 'string' },
    only: { type: 'string' },
    without: { type: 'string' },
    dir: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});

if (values.help === true) {
  console.log(help);
} else {
  const seed = values.seed === undefined ? Math.floor(Math.random() * 1e9) : Number(values.seed);
  const dir = values.dir ?? mkdtempSync(join(tmpdir(), 'shopee-webhook-chaos-'));
  console.log(`chaos run with seed ${seed}; logs in ${dir}`);
  const result = await runChaos({
    seed,
    dir,
    pushes: Number(values.pushes),
    orders: Number(values.orders),
    faults: Number(values.faults),
    perSecond: Number(values.rate),
    log: (line) => console.log(line),
    ...(values.only === undefined ? {} : { kinds: values.only.split(',') }),
    ...(values.without === undefined ? {} : { without: values.without.split(',') }),
  });
  console.log(formatReport(result));
  process.exitCode = passed(result) ? 0 : 1;
}
