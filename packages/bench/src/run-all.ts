import { join } from 'node:path';
import { measurements } from './measures/measures.ts';
import type { Outcome } from './report.ts';

/** Runs the chosen measurements one after the other; one that fails does not stop the others. */
export async function runAll(options: {
  chosen: readonly string[];
  dir: string;
  say: (line: string) => void;
}): Promise<Outcome[]> {
  const { chosen, dir, say } = options;
  const unknown = chosen.filter((name) => measurements.every((one) => one.name !== name));
  if (unknown.length > 0) throw new Error(`no such measurement: ${unknown.join(', ')}`);
  const outcomes: Outcome[] = [];
  for (const measurement of measurements.filter(({ name }) => chosen.includes(name))) {
    say(`${measurement.name} …`);
    try {
      const figures = await measurement.run({ dir: join(dir, measurement.name), say: (line) => say(`  ${line}`) });
      outcomes.push({ measurement, figures });
    } catch (error) {
      outcomes.push({ measurement, figures: [], error: error instanceof Error ? error.message : String(error) });
    }
  }
  return outcomes;
}
