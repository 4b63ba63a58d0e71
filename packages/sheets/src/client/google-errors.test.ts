import { expect, test } from 'vitest';
import { classifyFailure } from './google-errors.ts';

/** Bodies as they were seen in issues of other projects; see Sheets API, "Troubleshoot". */
const body = (code: number, status: string, message: string, details: unknown[] = []) => ({
  error: { code, message, status, details },
});
const kindOf = (status: number, message: string, name = 'INVALID_ARGUMENT') =>
  classifyFailure({ status, body: body(status, name, message) }).kind;

test('each 400 is classified by its message', () => {
  expect(kindOf(400, 'Unable to parse range: Sheet 1')).toBe('range');
  expect(kindOf(400, "Invalid data[0]: Unable to parse range: 'Orders'!A2")).toBe('range');
  expect(kindOf(400, 'Range (Solar!Y1) exceeds grid limits. Max rows: 981, max columns: 24')).toBe('grid');
  expect(kindOf(400, 'Requested writing within range [S!A3:L113], but tried writing to column [M]')).toBe('grid');
  expect(
    kindOf(400, 'This action would increase the number of cells in the workbook above the limit of 10000000 cells.'),
  ).toBe('cells-full');
  expect(kindOf(400, 'You are trying to edit a protected cell or object. Please contact the owner.')).toBe('protected');
  expect(kindOf(400, 'Your input contains more than the maximum of 50000 characters in a single cell.')).toBe(
    'bad-request',
  );
});

test('a spreadsheet that is not shared, not there, or without the API needs three different fixes', () => {
  expect(kindOf(403, 'The caller does not have permission', 'PERMISSION_DENIED')).toBe('permission');
  expect(kindOf(404, 'Requested entity was not found.', 'NOT_FOUND')).toBe('not-found');
  expect(kindOf(403, 'Google Sheets API has not been used in project 1 before or it is disabled.')).toBe('disabled');
});

test('a used-up quota is the account’s own or the whole project’s', () => {
  const quota = (limit: string) =>
    classifyFailure({
      status: 429,
      body: body(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded', [{ metadata: { quota_limit: limit } }]),
    });
  expect(quota('WriteRequestsPerMinutePerUser')).toMatchObject({ kind: 'quota', limit: 'user' });
  expect(quota('WriteRequestsPerMinutePerProject')).toMatchObject({ kind: 'quota', limit: 'project' });
});

test('no response means that the write may have been applied, unless it never left', () => {
  expect(classifyFailure({ code: 'TimeoutError' })).toMatchObject({ kind: 'unknown', mayApplyLate: true });
  expect(classifyFailure({ code: 'ECONNRESET' })).toMatchObject({ kind: 'unknown', mayApplyLate: true });
  expect(classifyFailure({ code: 'ECONNREFUSED' }).kind).toBe('unreachable');
});

test('an HTML 408 may be applied later, a 503 was or was not', () => {
  expect(classifyFailure({ status: 408, body: '<!DOCTYPE html>' })).toMatchObject({
    kind: 'unknown',
    mayApplyLate: true,
  });
  const response = classifyFailure({
    status: 503,
    body: body(503, 'UNAVAILABLE', 'The service is currently unavailable.'),
  });
  expect(response).toMatchObject({ kind: 'unknown', mayApplyLate: false });
});

test('the value that Google complains about is left out of the message', () => {
  const message = `Invalid value at 'data[0].values' (type.googleapis.com/google.protobuf.ListValue), "Jane Doe, +65 9123"`;
  const { message: text } = classifyFailure({ status: 400, body: body(400, 'INVALID_ARGUMENT', message) });
  expect(text).toContain("Invalid value at 'data[0].values'");
  expect(text).not.toContain('Jane');
});
