import type { SheetAlert } from '../writer/alert-sink.ts';
import type { RowLocation } from './spreadsheet-index.ts';
import type { TabState } from './tab-state.ts';

/** What should never be in our tabs, as far as it was read. */
export interface SheetFindings {
  /** Keys that stand in several rows. */
  duplicates: readonly { key: string; places: readonly RowLocation[] }[];
  /** Rows whose key cell holds something else than a key. */
  strangers: readonly RowLocation[];
  /** Tabs whose header names our columns twice. */
  repeatedHeaders: readonly string[];
}

/** So many places are named. */
const maxExamples = 5;

/** What is in tabs as they were last read; `duplicates` as the index knows them. */
export function findingsIn(tabs: readonly TabState[], duplicates: SheetFindings['duplicates']): SheetFindings {
  return {
    duplicates,
    strangers: tabs.flatMap((tab) => [...tab.index.unexpected.keys()].map((at) => ({ tab, at }))),
    repeatedHeaders: tabs.filter(({ header }) => header.isRepeated).map(({ title }) => title),
  };
}

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
