import { readdirSync, readFileSync } from 'node:fs';

const folder = new URL('../samples/', import.meta.url);

/** The sample push body of a code; undefined when there is none. */
export function sampleFor(code: number): string | undefined {
  const prefix = `${String(code).padStart(2, '0')}-`;
  const name = readdirSync(folder).find((one) => one.startsWith(prefix));
  return name === undefined ? undefined : readFileSync(new URL(name, folder), 'utf8');
}

/** Codes that have a sample. */
export function sampleCodes(): number[] {
  return readdirSync(folder).map((name) => Number(name.slice(0, 2)));
}
