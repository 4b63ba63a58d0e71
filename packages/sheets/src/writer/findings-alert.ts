import type { SheetFindings } from '../index/findings.ts';
import type { RowLocation } from '../index/tab-state.ts';
import type { SheetAlert } from './alert-sink.ts';

/** So many places are named. */
const maxExamples = 5;

/** An alert with the repair of each; undefined when nothing was found. */
export function findingsAlert({ duplicates, strangers, repeatedHeaders }: SheetFindings): SheetAlert | undefined {
  const [first] = duplicates;
  const texts = [
    first === undefined
      ? ''
      : `${String(duplicates.length)} keys stand in several rows, ${first.key} in ${placesText(first.places)}: ` +
        'run “Merge duplicates” on the page Jobs, or `shopee-webhook sheet merge`.',
    strangers.length === 0
      ? ''
      : `The column “Row key” holds something else in ${placesText(strangers)}: clear these cells, or move them to a column of your own.`,
    repeatedHeaders.length === 0
      ? ''
      : `The header of ${repeatedHeaders.join(', ')} names our columns twice: delete the copies that are not filled any more.`,
  ].filter((text) => text !== '');
  if (texts.length === 0) return undefined;
  return {
    severity: 'warning',
    title: 'The spreadsheet holds rows or columns twice, or foreign keys',
    text: texts.join(' '),
  };
}

function placesText(places: readonly RowLocation[]): string {
  const byTab = Map.groupBy(places.slice(0, maxExamples), ({ tab }) => tab.title);
  const named = [...byTab].map(([title, ones]) => `${title}, row ${ones.map(({ at }) => String(at)).join(' and ')}`);
  return named.join('; ') + (places.length > maxExamples ? ` and ${String(places.length - maxExamples)} more` : '');
}
