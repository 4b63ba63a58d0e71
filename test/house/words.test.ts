import { describe, expect, test } from 'vitest';
import { idiomIn } from './idiom.ts';
import { readSources } from './sources.ts';

const packages = Map.groupBy(readSources(), (source) => source.package);
describe.each([...packages])('%s', (_name, sources) => {
  test('uses the words of docs/glossary.md in names, logs, texts and comments', () => {
    const found = sources.flatMap((source) => idiomIn(source).map((fault) => `${source.path}: ${fault}`));
    expect(found).toEqual([]);
  });
});
