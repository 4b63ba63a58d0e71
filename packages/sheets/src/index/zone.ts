import type { SheetsRequest, Spreadsheet } from '../client/google-client.ts';
import type { SheetSchema } from '../schema/schema.ts';

/** The zone before and after a user changed it. */
export interface ZoneChange {
  from: string;
  to: string;
  /** Some rows may have the new clock: a process ended while it rewrote them. */
  isResumed: boolean;
}

/** In the record, between the zones of a change in progress and when it began, unix ms. */
const separator = '>';
/** Whoever began to rewrite dates so long ago has ended before it was done. */
const abandonedAfterMs = 3_600_000;

/** What a spreadsheet's zone says against the record; undefined when nothing is to be done, or another process is at it. */
export function zoneChange(record: string | undefined, zone: string, now: number): ZoneChange | undefined {
  const [from = zone, to, since] = record?.split(separator) ?? [];
  if (to === undefined) return from === zone ? undefined : { from, to: zone, isResumed: false };
  return now - Number(since) < abandonedAfterMs ? undefined : { from, to: zone, isResumed: true };
}

/** The zone that the dates in our tabs are written in, as the spreadsheet records it; undefined when it does not yet. */
export function recordedZone(schema: SheetSchema, { developerMetadata = [] }: Spreadsheet): string | undefined {
  return developerMetadata.find(({ metadataKey }) => metadataKey === recordKey(schema))?.metadataValue ?? undefined;
}

/** Records the zone that all dates are written in. */
export function zoneRequests(schema: SheetSchema, zone: string): SheetsRequest[] {
  const metadataLookup = { metadataKey: recordKey(schema) };
  return [
    { deleteDeveloperMetadata: { dataFilter: { developerMetadataLookup: metadataLookup } } },
    {
      createDeveloperMetadata: {
        developerMetadata: {
          metadataKey: recordKey(schema),
          metadataValue: zone,
          location: { spreadsheet: true },
          visibility: 'DOCUMENT',
        },
      },
    },
  ];
}

/** What is recorded while dates are being rewritten. */
export function recordOfChange({ from, to }: ZoneChange, now: number): string {
  return [from, to, String(now)].join(separator);
}

function recordKey({ namespace }: SheetSchema): string {
  return `${namespace}-zone`;
}
