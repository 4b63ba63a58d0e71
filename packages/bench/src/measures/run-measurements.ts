import { join } from 'node:path';
import { measurements } from './measures.ts';
import type { MeasurementResult } from '../report/report.ts';

/** Runs the selected measurements one after the other; one that fails does not stop the others. */
export async function runMeasurements(options: {
  selected: readonly string[];
  dir: string;
  log: (line: string) => void;
}): Promise<MeasurementResult[]> {
  const { selected, dir, log } = options;
  const unknown = selected.filter((name) => measurements.every((one) => one.name !== name));
  if (unknown.length > 0) throw new Error(`no such measurement: ${unknown.join(', ')}`);
  const results: MeasurementResult[] = [];
  for (const measurement of measurements.filter(({ name }) => selected.includes(name))) {
    log(`${measurement.name} …`);
    try {
      const metrics = await measurement.run({ dir: join(dir, measurement.name), log: (line) => log(`  ${line}`) });
      results.push({ measurement, metrics });
    } catch (error) {
      results.push({ measurement, metrics: [], error: error instanceof Error ? error.message : String(error) });
    }
  }
  return results;
}
