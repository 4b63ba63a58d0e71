import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isRecord, parseJson } from '../src/push/json.ts';

const root = join(import.meta.dirname, 'samples');

/** A sample's exact text, e.g. `push/00-verification.json`. */
export function sampleText(name: string): string {
  return readFileSync(join(root, name), 'utf8');
}

/** A sample's bytes as they are signed. */
export function sampleBytes(name: string): Uint8Array {
  return readFileSync(join(root, name));
}

/** A sample API body. */
export function apiSample(name: string): Record<string, unknown> {
  const value = parseJson(sampleText(`api/${name}.json`));
  if (!isRecord(value)) throw new TypeError(`${name} is not an object`);
  return value;
}

/** A worked example of get_escrow_detail, or a page of the wallet. */
export function escrowSample(name: string): Record<string, unknown> {
  const value = parseJson(sampleText(`escrow/${name}`));
  if (!isRecord(value)) throw new TypeError(`${name} is not an object`);
  return value;
}

/** The names of the samples in a folder. */
export function sampleNames(folder: 'api' | 'escrow' | 'push'): string[] {
  return readdirSync(join(root, folder)).sort();
}
