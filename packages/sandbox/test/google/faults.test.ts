import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { requestToken, jwt, start, type Client } from './harness.ts';

let client: Client;
let clock = Date.now();

beforeEach(async () => {
  client = await start({ now: () => clock });
});

afterEach(() => client.google.close());

describe('quotas', () => {
  test('the 61st write of a minute is rejected in the words of Google, and reads are counted apart', async () => {
    const { google, put, get } = client;
    for (let at = 0; at < 60; at += 1) expect((await put('A1', [[at]])).status).toBe(200);
    const rejected = await put('A1', [['late']]);
    expect(rejected.status).toBe(429);
    expect(rejected.body).toEqual({
      error: {
        code: 429,
        message:
          "Quota exceeded for quota metric 'Write requests' and limit 'Write requests per minute per user' of service 'sheets.googleapis.com' for consumer 'project_number:314159265358'.",
        status: 'RESOURCE_EXHAUSTED',
        details: [
          {
            '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
            reason: 'RATE_LIMIT_EXCEEDED',
            domain: 'googleapis.com',
            metadata: {
              quota_location: 'global',
              quota_metric: 'sheets.googleapis.com/write_requests',
              quota_limit_value: '60',
              consumer: 'projects/314159265358',
              service: 'sheets.googleapis.com',
              quota_limit: 'WriteRequestsPerMinutePerUser',
            },
          },
          {
            '@type': 'type.googleapis.com/google.rpc.Help',
            links: [
              {
                description: 'Request a higher quota limit.',
                url: 'https://cloud.google.com/docs/quota#requesting_higher_quota',
              },
            ],
          },
        ],
      },
    });
    expect((await get('A1')).body['values']).toEqual([[59]]);
    clock += 60_000;
    expect((await put('A1', [['on time']])).status).toBe(200);
    expect(google.counters).toMatchObject({ reads: 1, writes: 62, throttled: 1 });
  });

  test('a read by POST counts as a read, and the project has a quota of its own', async () => {
    client.google.quotas.limits = { readsPerUser: 5, readsPerProject: 2, writesPerUser: 1, writesPerProject: 9 };
    const filter = { dataFilters: [{ a1Range: 'A1' }] };
    for (let at = 0; at < 2; at += 1)
      expect((await client.call('POST', '/values:batchGetByDataFilter', filter)).status).toBe(200);
    const rejected = await client.get('A1');
    expect(rejected.message).toContain("limit 'Read requests per minute' of service");
    expect(JSON.stringify(rejected.body)).toContain('ReadRequestsPerMinutePerProject');
  });
});

describe('faults', () => {
  const written = () => client.google.sheet('Sheet1').rows().length > 0;

  test.each([
    ['503-applied', 503, true],
    ['503-not-applied', 503, false],
    ['500', 500, false],
    ['429', 429, false],
    ['401', 401, false],
    ['403', 403, false],
    ['api-disabled', 403, false],
    ['html-408', 408, false],
  ] as const)('%s is answered %d', async (kind, status, applied) => {
    client.google.faults.add({ kind, on: 'write' });
    expect((await client.get('A1')).status).toBe(200);
    const response = await client.put('A1', [['x']]);
    expect({ status: response.status, applied: written() }).toEqual({ status, applied });
    expect((await client.put('A1', [['x']])).status).toBe(200);
  });

  test.each([
    ['reset-after-apply', true],
    ['reset-before-apply', false],
  ] as const)('%s cuts the connection', async (kind, applied) => {
    client.google.faults.add({ kind, on: 'values.update' });
    await expect(client.put('A1', [['x']])).rejects.toThrow('fetch failed');
    expect(written()).toBe(applied);
  });

  test('a call that hung is carried out after its caller has gone', async () => {
    const { google, token } = client;
    google.faults.add({ kind: 'hang-then-applied-late', ms: 300 });
    const url = `${google.url}v4/spreadsheets/${google.spreadsheetId}/values/A1?valueInputOption=RAW`;
    const headers = { authorization: `Bearer ${token}` };
    const put = fetch(url, { method: 'PUT', headers, body: '{"values":[["late"]]}', signal: AbortSignal.timeout(100) });
    await expect(put).rejects.toThrow('timeout');
    expect({ late: google.late, applied: written() }).toEqual({ late: 1, applied: false });
    await vi.waitFor(
      () => expect({ late: google.late, applied: written() }).toEqual({ late: 0, applied: true }),
      10_000,
    );
  });

  test('what would take longer than the limit is given up, and not carried out', async () => {
    const { google, put } = client;
    google.settings.latencyMs = ({ bytes }) => (bytes > 1000 ? 10_000 : 5);
    google.settings.maxProcessingMs = 20;
    expect((await put('A1', [['x'.repeat(2000)]])).status).toBe(408);
    expect(written()).toBe(false);
    expect((await put('A1', [['x']])).status).toBe(200);
  });

  test('a 408 is a page and not JSON', async () => {
    client.google.faults.add({ kind: 'html-408' });
    expect((await client.get('A1')).body['text']).toContain('Error 408 (Request Timeout)!!1');
  });

  test('the token endpoint has faults of its own', async () => {
    const { google } = client;
    google.faults.add({ kind: '500' });
    google.tokenFaults.add({ kind: 'invalid-grant' });
    google.tokenFaults.add({ kind: '503' });
    const assertion = jwt(google.credentials, { iat: Math.floor(clock / 1000), exp: Math.floor(clock / 1000) + 3600 });
    expect((await requestToken(google, assertion)).body).toMatchObject({ error: 'invalid_grant' });
    expect((await requestToken(google, assertion)).status).toBe(503);
    expect((await requestToken(google, assertion)).status).toBe(200);
  });

  test('errors carry the old array when the settings say so', async () => {
    client.google.settings.legacyErrors = true;
    expect((await client.get('Nope!A1')).body).toMatchObject({
      error: { errors: [{ message: 'Unable to parse range: Nope!A1', domain: 'global', reason: 'badRequest' }] },
    });
  });
});

describe('people', () => {
  const titles = () => client.google.sheets().map((sheet) => sheet.title);
  const rows = () => client.google.sheet('Sheet1').rows();

  beforeEach(async () => {
    await client.put('A1', [
      ['Name', 'Age'],
      ['b', 2],
      ['a', 3],
      ['c', 1],
    ]);
  });

  test('sort, insert, delete and move rows', () => {
    const { google } = client;
    google.edit({ kind: 'sort', tab: 'Sheet1', column: 'Name' });
    expect(rows()).toEqual([
      ['Name', 'Age'],
      ['a', 3],
      ['b', 2],
      ['c', 1],
    ]);
    google.edit({ kind: 'insert-rows', tab: 'Sheet1', at: 2 });
    google.edit({ kind: 'delete-rows', tab: 'Sheet1', at: 3 });
    google.edit({ kind: 'move-rows', tab: 'Sheet1', at: 4, to: 2 });
    expect(rows()).toEqual([['Name', 'Age'], ['c', 1], [], ['b', 2]]);
  });

  test('cannot touch rows that are not there', () => {
    const { google } = client;
    const tab = 'Sheet1';
    for (const kind of ['insert-rows', 'delete-rows'] as const)
      expect(() => google.edit({ kind, tab, at: 1001 })).toThrow('no row 1001');
    expect(() => google.edit({ kind: 'move-rows', tab, at: 1, to: 1002 })).toThrow('no row 1002');
    google.edit({ kind: 'move-rows', tab, at: 2, count: 2, to: 3 });
    expect({ rows: rows().length, count: google.sheet(tab).rowCount }).toEqual({ rows: 4, count: 1000 });
  });

  test('insert, move and delete columns, and type', () => {
    const { google } = client;
    google.edit({ kind: 'insert-column', tab: 'Sheet1', before: 'Age', header: 'Mine' });
    google.edit({ kind: 'edit-cell', tab: 'Sheet1', cell: 'B2', value: '=A2' });
    google.edit({ kind: 'move-column', tab: 'Sheet1', column: 'Age', before: 'A' });
    expect(rows().slice(0, 2)).toEqual([
      ['Age', 'Name', 'Mine'],
      [2, 'b', '=A2'],
    ]);
    google.edit({ kind: 'delete-column', tab: 'Sheet1', column: 'A' });
    google.edit({ kind: 'hide-column', tab: 'Sheet1', column: 'Mine' });
    expect(google.sheet('Sheet1').records()[0]).toEqual({ Name: 'b', Mine: '=A2' });
  });

  test('rename, add and delete tabs', () => {
    const { google } = client;
    google.edit({ kind: 'add-tab', tab: 'New' });
    google.edit({ kind: 'rename-tab', tab: 'Sheet1', to: 'Old' });
    expect(titles()).toEqual(['Old', 'New']);
    google.edit({ kind: 'delete-tab', tab: 'Old' });
    expect(titles()).toEqual(['New']);
    expect(() => google.edit({ kind: 'delete-tab', tab: 'New' })).toThrow("You can't remove all the sheets");
    expect(() => google.edit({ kind: 'sort', tab: 'Old', column: 'A' })).toThrow('no tab Old');
  });

  test('come between a read and the write after it', async () => {
    const { google, get, put } = client;
    const other = google.addSpreadsheet({ id: 'other' });
    google.beforeNextWrite({ kind: 'rename-tab', tab: 'Sheet1', to: 'Mine' }, other.id);
    google.beforeNextWrite({ kind: 'sort', tab: 'Sheet1', column: 'Name' });
    google.beforeNextWrite({ kind: 'rename-tab', tab: 'Sheet1', to: 'Renamed' });
    expect((await get('A2')).body['values']).toEqual([['b']]);
    await put('B2', [[99]]);
    expect(rows()[1]).toEqual(['a', 99]);
    expect((await put('Sheet1!A1', [['x']])).message).toBe('Unable to parse range: Sheet1!A1');
    expect(google.sheets('other').map((sheet) => sheet.title)).toEqual(['Sheet1']);
  });

  test('may be rejected, which is stored to read', async () => {
    const { google, put } = client;
    google.beforeNextWrite({ kind: 'delete-tab', tab: 'Sheet1' });
    expect((await put('A1', [['x']])).status).toBe(200);
    expect(google.failedEdits).toEqual(["delete-tab: You can't remove all the sheets in a document."]);
  });
});

describe('handles over HTTP', () => {
  const post = (path: string, body: object) =>
    fetch(`${client.google.url}_sandbox/${path}`, { method: 'POST', body: JSON.stringify(body) });
  const read = async (path: string) => (await fetch(`${client.google.url}_sandbox/${path}`)).json();

  test('edits, faults and settings are taken, and rejected with a reason', async () => {
    await client.put('A1', [['h'], ['b'], ['a']]);
    expect((await post('edit', { edit: { kind: 'sort', tab: 'Sheet1', column: 'h' } })).status).toBe(200);
    expect(
      (await post('edit', { edit: { kind: 'delete-rows', tab: 'Sheet1', at: 3 }, when: 'before-next-write' })).status,
    ).toBe(200);
    expect(await read('sheet?tab=Sheet1')).toMatchObject({
      tabs: [{ title: 'Sheet1', sheetId: 0, header: ['h'], records: [{ h: 'a' }, { h: 'b' }] }],
    });
    expect((await post('faults', { kind: '503-applied', times: 2 })).status).toBe(200);
    expect((await client.put('B1', [['x']])).status).toBe(503);
    await post('faults', { clear: true });
    expect(await read('sheet')).toMatchObject({ tabs: [{ records: [{ h: 'a' }] }] });
    expect(await read('counters')).toMatchObject({ writes: 2, faults: 0 });
    expect((await post('settings', { latencyMs: 5 })).status).toBe(200);
    const wrong = await post('edit', { edit: { kind: 'dance' } });
    expect(wrong.status).toBe(400);
    expect((await post('faults', { kind: 'dance' })).status).toBe(400);
  });
});

describe('a restart', () => {
  test('keeps cells, formats, sharing, tokens and ids', async () => {
    const { google, put, change, token } = client;
    await put('A1', [['h'], ['', 5]]);
    const repeatCell = {
      range: { sheetId: 0, startRowIndex: 1 },
      cell: { userEnteredFormat: { wrapStrategy: 'CLIP' } },
      fields: 'userEnteredFormat',
    };
    await change(
      { repeatCell },
      { addSheet: { properties: { title: 'More' } } },
      { addNamedRange: { namedRange: { name: 'n', range: { sheetId: 0 } } } },
    );
    const state = JSON.parse(JSON.stringify(google.state())) as ReturnType<typeof google.state>;
    const again = await start({ state, now: () => clock });
    expect(again.google.state()).toEqual({ ...state, accounts: again.google.state().accounts });
    expect(again.google.credentials.private_key).toBe(google.credentials.private_key);
    expect(again.google.spreadsheet().sheetByTitle('Sheet1')?.grid.format(500, 3)).toEqual({ wrapStrategy: 'CLIP' });
    const url = `${again.google.url}v4/spreadsheets/${google.spreadsheetId}/values/A1:B2?valueRenderOption=UNFORMATTED_VALUE`;
    const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    expect(await response.json()).toMatchObject({ values: [['h'], ['', 5]] });
    await again.google.close();
  });
});
