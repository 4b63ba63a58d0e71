import { afterAll, beforeAll, expect, test } from 'vitest';
import { requestToken, clientOf, jwt, start, type Client } from './harness.ts';

let client: Client;

beforeAll(async () => {
  client = await start();
});

afterAll(() => client.google.close());

test('a JWT that the account signed is exchanged for a bearer token of an hour', async () => {
  const { google } = client;
  const { status, body } = await requestToken(google, jwt(google.credentials));
  expect(status).toBe(200);
  expect(body).toEqual({
    access_token: expect.stringMatching(/^ya29\./u) as string,
    expires_in: 3599,
    token_type: 'Bearer',
  });
});

const now = Math.floor(Date.now() / 1000);

test.each([
  ['of an unknown account', { iss: 'other@x.iam.gserviceaccount.com' }, 'invalid_grant'],
  ['for another audience', { aud: 'https://example.com/token' }, 'invalid_grant'],
  ['that is out of date', { iat: now - 7200, exp: now - 3600 }, 'invalid_grant'],
  ['from the future', { iat: now + 3600, exp: now + 7200 }, 'invalid_grant'],
  ['good for two hours', { exp: now + 7200 }, 'invalid_grant'],
  ['without a scope', { scope: undefined }, 'invalid_scope'],
  ['for a scope that Sheets does not have', { scope: 'https://www.googleapis.com/auth/sheets' }, 'invalid_scope'],
  ['for another user', { sub: 'boss@example.com' }, 'unauthorized_client'],
])('a JWT %s is rejected', async (_, claims, error) => {
  const { status, body } = await requestToken(client.google, jwt(client.google.credentials, claims));
  expect({ status, error: body['error'] }).toEqual({ status: 400, error });
});

test('a JWT whose signature does not fit is rejected', async () => {
  const { google } = client;
  const [head, , signature] = jwt(google.credentials).split('.');
  const forged = [head, jwt(google.credentials, { scope: 'x' }).split('.')[1], signature].join('.');
  for (const assertion of [forged, 'nonsense', 'a.b.c', jwt(google.credentials, {}, { alg: 'HS256' })])
    expect((await requestToken(google, assertion)).body).toMatchObject({ error: 'invalid_grant' });
});

test('another grant type is rejected', async () => {
  const { google } = client;
  const { body } = await requestToken(google, jwt(google.credentials), 'refresh_token');
  expect(body).toMatchObject({ error: 'unsupported_grant_type' });
});

test('a call without a token, or with one that nobody gave out, is a 401', async () => {
  const { google } = client;
  const url = `${google.url}v4/spreadsheets/${google.spreadsheetId}`;
  const bare = await fetch(url);
  expect(bare.status).toBe(401);
  expect(await bare.json()).toMatchObject({ error: { code: 401, status: 'UNAUTHENTICATED' } });
  expect((await fetch(url, { headers: { authorization: 'Bearer ya29.x' } })).status).toBe(401);
});

test('a token is no longer good after its time, nor after it was revoked', async () => {
  let clock = Date.now();
  const { google, get } = await start({ tokenSeconds: 60, now: () => clock });
  expect((await get('A1')).status).toBe(200);
  clock += 60_000;
  expect((await get('A1')).status).toBe(401);
  const again = await clientOf(google, google.credentials);
  google.revokeTokens();
  expect((await again.get('A1')).status).toBe(401);
  await google.close();
});

test('a spreadsheet that is not shared with the account is a 403, and one that is not there a 404', async () => {
  const { google } = client;
  const stranger = await clientOf(google, google.makeServiceAccount('stranger'));
  const rejected = await stranger.get('A1');
  expect(rejected).toMatchObject({
    status: 403,
    body: { error: { code: 403, message: 'The caller does not have permission', status: 'PERMISSION_DENIED' } },
  });
  google.share(google.makeServiceAccount('stranger').client_email, 'reader');
  expect((await stranger.get('A1')).status).toBe(200);
  expect((await stranger.put('A1', [['x']])).status).toBe(403);

  const missing = await fetch(`${google.url}v4/spreadsheets/nope`, {
    headers: { authorization: `Bearer ${client.token}` },
  });
  expect(missing.status).toBe(404);
  expect(await missing.json()).toMatchObject({
    error: { status: 'NOT_FOUND', message: 'Requested entity was not found.' },
  });
});

test('a token for reading only does not write', async () => {
  const { google } = client;
  const scope = 'https://www.googleapis.com/auth/spreadsheets.readonly';
  const { body } = await requestToken(google, jwt(google.credentials, { scope }));
  const headers = { authorization: `Bearer ${String(body['access_token'])}` };
  expect((await client.call('GET', '/values/A1', undefined, headers)).status).toBe(200);
  const rejected = await client.call('PUT', '/values/A1?valueInputOption=RAW', { values: [['x']] }, headers);
  expect(rejected).toMatchObject({ status: 403, message: 'Request had insufficient authentication scopes.' });
});

test('while the API is switched off, every call is a 403 that says where to switch it on', async () => {
  client.google.settings.apiDisabled = true;
  const rejected = await client.get('A1');
  client.google.settings.apiDisabled = false;
  expect(rejected.status).toBe(403);
  expect(rejected.message).toMatch(
    /^Google Sheets API has not been used in project \d+ before or it is disabled\. Enable it/u,
  );
});

test('a service account cannot make spreadsheets', async () => {
  const response = await fetch(`${client.google.url}v4/spreadsheets`, {
    method: 'POST',
    headers: { authorization: `Bearer ${client.token}` },
    body: JSON.stringify({ properties: { title: 'x' } }),
  });
  expect(response.status).toBe(403);
});
