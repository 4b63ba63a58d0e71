import { describe, expect, test } from 'vitest';
import { idiomIn } from './idiom.ts';
import { readSources } from './sources.ts';

const packages = Map.groupBy(readSources(), (source) => source.package);
/** How many each package may still have; it only shrinks. */
const left: Readonly<Record<string, number>> = {
  forwarder: 56,
  history: 6,
  notifier: 11,
  worker: 50,
};

describe.each([...packages])('%s', (name, sources) => {
  test('uses the words of docs/glossary.md in names, logs and texts', () => {
    const found = sources.flatMap((source) => idiomIn(source).map((fault) => `${source.path}: ${fault}`));
    expect(found.length > (left[name] ?? 0) ? found : []).toEqual([]);
  });
});
