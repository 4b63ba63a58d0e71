import type { sheets_v4 } from '@googleapis/sheets';
import { inPart, invalidArgument } from '../spreadsheet/api-error.ts';
import type { Call } from './call.ts';
import { cellRequests } from './cell-requests.ts';
import { formattingRequests } from './formatting-requests.ts';
import { dimensionRequests } from './dimension-requests.ts';
import type { Editing, Reply, Requests } from './editing.ts';
import { groupRequests } from './group-requests.ts';
import { pasteRequests } from './paste-requests.ts';
import { metadataRequests } from './metadata-requests.ts';
import { objectRequests } from './object-requests.ts';
import { sheetRequests } from './sheet-requests.ts';
import { spreadsheetJson, withoutZeroSheet } from '../spreadsheet/spreadsheet-json.ts';
import { readableArea } from '../spreadsheet/value-reading.ts';

const maxRequests = 100_000;

const requests: Requests = {
  ...sheetRequests,
  ...dimensionRequests,
  ...cellRequests,
  ...formattingRequests,
  ...objectRequests,
  ...metadataRequests,
  ...groupRequests,
  ...pasteRequests,
};

/** spreadsheets.batchUpdate: the requests in their order, all of them or, if one fails, none. */
export function batchUpdate({ spreadsheet, user, body, mask }: Call): object {
  const batch = body as sheets_v4.Schema$BatchUpdateSpreadsheetRequest;
  const wanted = batch.requests ?? [];
  if (wanted.length === 0) throw invalidArgument('Must specify at least one request.');
  if (wanted.length > maxRequests) throw invalidArgument(`Cannot exceed ${maxRequests} requests in a single batch.`);
  const replies = spreadsheet.atomically(() =>
    wanted.map((request, index) => withoutZeroSheet(applyRequest({ spreadsheet, user }, request, index))),
  );
  const result = { spreadsheetId: spreadsheet.id, replies };
  if (batch.includeSpreadsheetInResponse !== true) return result;
  const ranges = batch.responseRanges?.map((range) => spreadsheet.locate(range));
  const areas = ranges && new Map(ranges.map(({ sheet, range }) => [sheet, [readableArea(sheet, range)]]));
  const gridData = batch.responseIncludeGridData === true;
  return {
    ...result,
    updatedSpreadsheet: spreadsheetJson(spreadsheet, { areas, gridData, mask: mask?.get('updatedSpreadsheet') }),
  };
}

function applyRequest(editing: Editing, request: sheets_v4.Schema$Request, index: number): Reply {
  const [kind, second] = Object.keys(request).filter((key) => request[key as keyof typeof request] !== null);
  if (kind === undefined) throw invalidArgument(`Invalid requests[${index}]: No request set.`);
  if (second !== undefined)
    throw invalidArgument(
      `Invalid value at 'requests[${index}]' (oneof), oneof field 'kind' is already set. Cannot set '${second}'`,
    );
  // Both sides have the same name, so the request is of the handler's type; TypeScript cannot follow that through a variable.
  const handle = requests[kind as keyof Requests] as
    ((editing: Editing, request: unknown) => Reply | undefined) | undefined;
  if (handle === undefined)
    throw invalidArgument(`Invalid requests[${index}].${kind}: the sandbox does not imitate this request`);
  try {
    return handle(editing, request[kind as keyof typeof request]) ?? {};
  } catch (error) {
    throw inPart(`requests[${index}].${kind}`, error);
  }
}
