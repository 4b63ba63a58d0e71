import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { coalesce } from './coalesce.ts';

test('spans cover every number once and never bridge a wider gap', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(500)), fc.integer({ min: 1, max: 20 }), (numbers, gap) => {
      const found = coalesce(numbers, gap);
      for (const number of numbers) {
        expect(found.filter(([first, last]) => first <= number && number <= last)).toHaveLength(1);
      }
      found.slice(1).forEach(([first], index) => expect(first - (found[index]?.[1] ?? 0)).toBeGreaterThan(gap));
    }),
  );
});
