import { sheets, type sheets_v4 } from '@googleapis/sheets';
import { JWT } from 'google-auth-library';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createGoogle, type Google } from '../../src/google/google.ts';

let google: Google;
let api: sheets_v4.Sheets;
let spreadsheetId: string;

beforeAll(async () => {
  google = await createGoogle();
  ({ spreadsheetId } = google);
  const auth = new JWT({
    email: google.credentials.client_email,
    key: google.credentials.private_key,
    scopes: ['https://www.googleapis.com/auth/spreadsheets'],
    transporterOptions: {
      // The library posts to Google's own address whatever the credentials say.
      fetchImplementation: (input, init) => {
        const url = input instanceof Request ? input.url : input.toString();
        return fetch(url === 'https://oauth2.googleapis.com/token' ? google.tokenUrl : url, init);
      },
    },
  });
  api = sheets({ version: 'v4', rootUrl: google.url, auth, retry: false });
});

afterAll(() => google.close());

test("Google's own client library makes a tab, writes, reads and sees errors", async () => {
  const title = 'Đơn hàng / x';
  const made = await api.spreadsheets.batchUpdate({
    spreadsheetId,
    requestBody: {
      requests: [{ addSheet: { properties: { title, gridProperties: { rowCount: 5, columnCount: 3 } } } }],
    },
  });
  const sheetId = made.data.replies?.[0]?.addSheet?.properties?.sheetId;
  const seen = await api.spreadsheets.get({ spreadsheetId, fields: 'sheets.properties(sheetId,title)' });
  expect(seen.data).toEqual({
    sheets: [{ properties: { sheetId: 0, title: 'Sheet1' } }, { properties: { sheetId, title } }],
  });

  const written = await api.spreadsheets.values.batchUpdate({
    spreadsheetId,
    requestBody: {
      valueInputOption: 'RAW',
      data: [{ range: `'${title}'!A2:C2`, values: [['240101ABC', null, 12.5]] }],
    },
  });
  expect(written.data).toMatchObject({ totalUpdatedCells: 2, responses: [{ updatedRange: `'${title}'!A2:C2` }] });
  const read = await api.spreadsheets.values.get({
    spreadsheetId,
    range: `'${title}'!A:C`,
    valueRenderOption: 'UNFORMATTED_VALUE',
  });
  expect(read.data).toEqual({
    range: `'${title}'!A1:C5`,
    majorDimension: 'ROWS',
    values: [[], ['240101ABC', '', 12.5]],
  });

  const beyond = api.spreadsheets.values.update({
    spreadsheetId,
    range: `'${title}'!A6`,
    valueInputOption: 'RAW',
    requestBody: { values: [['x']] },
  });
  await expect(beyond).rejects.toMatchObject({
    status: 400,
    message: expect.stringContaining('exceeds grid limits. Max rows: 5, max columns: 3') as string,
  });
});
