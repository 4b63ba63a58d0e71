import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeMachine } from './report/machine.ts';
import { measurements } from './measures/measures.ts';
import { extractNotes } from './report/notes.ts';
import { renderDocument, renderTable } from './report/report.ts';
import { runMeasurements } from './measures/run-measurements.ts';

const document = fileURLToPath(new URL('../../../docs/benchmarks.md', import.meta.url));
const names = measurements.map(({ name }) => name);
const help = `pnpm bench [options]: measures the product on this machine, prints a table and writes docs/benchmarks.md

  --only A,B   only these: ${names.join(', ')}; prints and writes nothing
  --write      writes docs/benchmarks.md also with --only
  --dir PATH   where data and logs go (a new folder below the system's temporary one)

All together take about twenty minutes. The soak has its own command: node packages/bench/src/soak/main.ts`;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    write: { type: 'boolean' },
    dir: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});

if (values.help === true) {
  console.log(help);
} else {
  const dir = values.dir ?? mkdtempSync(join(tmpdir(), 'shopee-webhook-bench-'));
  const selected = values.only?.split(',') ?? names;
  const machine = describeMachine();
  const outcomes = await runMeasurements({ selected, dir, log: (line) => console.error(line) });
  console.log(renderTable(outcomes));
  if (values.only === undefined || values.write === true) {
    writeFileSync(
      document,
      renderDocument(outcomes, machine, extractNotes(existsSync(document) ? readFileSync(document, 'utf8') : '')),
    );
  }
  process.exitCode = outcomes.some(({ error }) => error !== undefined) ? 1 : 0;
}
