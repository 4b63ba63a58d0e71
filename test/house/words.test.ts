import { describe, expect, test } from 'vitest';
import { idiomIn } from './idiom.ts';
import { readSources } from './sources.ts';

const packages = Map.groupBy(readSources(), (source) => source.package);
/** How many each package may still have; it only shrinks. */
const left: Readonly<Record<string, number>> = {
  cli: 52,
  contracts: 3,
  dashboard: 50,
  forwarder: 171,
  history: 8,
  notifier: 72,
  runtime: 9,
  sandbox: 0,
  shopee: 36,
  store: 59,
  test: 72,
  worker: 156,
};

describe.each([...packages])('%s', (name, sources) => {
  test('uses the words of docs/glossary.md in names, logs and texts', () => {
    const found = sources.flatMap((source) => idiomIn(source).map((fault) => `${source.path}: ${fault}`));
    expect(found.length > (left[name] ?? 0) ? found : []).toEqual([]);
  });
});
