import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { verifyAuthorizationState, signPush, verifyPush } from '@shopee-webhook/shopee';
import { expect, test } from 'vitest';
import { freshDir, run, runJson } from './helpers.ts';

const env = { WEBHOOK_PARTNER_KEY: 'new-key,old-key', PARTNER_KEY: 'api-key' };
const url = 'https://hooks.example.com/webhook/shopee';

function captured(body: string): string {
  const file = join(freshDir(), 'body.json');
  writeFileSync(file, body);
  return file;
}

test('sign names the key that matches', async () => {
  const body = '{"code":3,"shop_id":1,"timestamp":2,"data":{}}';
  const args = ['sign', '--url', url, '--body', captured(body), '--authorization', signPush('old-key', url, body)];
  const { code, out } = await run(args, env);
  expect(code).toBe(0);
  expect(out).toContain(`base string  ${url}|${body}`);
  expect(out).toMatch(/matches {3}[0-9a-f]{64} {2}WEBHOOK_PARTNER_KEY 2/);
  expect(out).not.toContain('old-key');
});

test('sign detects a missing slash and an added newline', async () => {
  const body = '{"code":3,"data":{}}';
  const args = ['sign', '--url', url, '--body', captured(`${body}\n`)];
  const { code, values } = await runJson([...args, '--authorization', signPush('api-key', `${url}/`, body)], env);
  expect(code).toBe(1);
  expect(values).toMatchObject([
    { hint: expect.stringContaining(`PARTNER_KEY, the URL ${url}/ and the body without`) },
  ]);
});

test('simulate sends valid pushes, each with its own order number', async () => {
  const pushes: { body: string; authorization: string | undefined }[] = [];
  const record = async (request: IncomingMessage, response: ServerResponse) => {
    pushes.push({ body: await text(request), authorization: request.headers.authorization });
    response.end();
  };
  const server = createServer((request, response) => void record(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const target = `http://127.0.0.1:${String(address.port)}/webhook/shopee`;
  const { code, values } = await runJson(['simulate', target, '--count', '3', '--rate', '100'], env);
  server.close();
  expect(code).toBe(0);
  expect(values).toMatchObject([{ sent: 3, statuses: { 200: 3 } }]);
  expect(new Set(pushes.map(({ body }) => body)).size).toBe(3);
  for (const push of pushes) expect(verifyPush({ ...push, urls: [target], keys: ['new-key'] })).toBeDefined();
  expect((await run(['simulate', 'http://127.0.0.1:1/'], env)).code).toBe(69);
});

test('shops connect prints a link with a valid state', async () => {
  const settings = { PARTNER_ID: '1000001', PARTNER_KEY: 'api-key', PUBLIC_URL: 'https://hooks.example.com/' };
  const { out } = await run(['shops', 'connect', '--json'], settings);
  const link = new URL((JSON.parse(out) as { url: string }).url);
  expect(link.searchParams.get('redirect_uri')).toBe('https://hooks.example.com/auth/shopee/callback');
  expect(verifyAuthorizationState('api-key', link.searchParams.get('state') ?? '')).toBe(true);
  expect((await run(['shops', 'connect'], {})).code).toBe(78);
});

test('config check names every error and prints no value', async () => {
  const { code, out } = await run(['config', 'check'], {
    PARTNER_KEY: 'api-secret',
    SHOP_ID: '1',
    REDIS_PORT: 'seven',
  });
  expect(code).toBe(78);
  for (const name of ['PARTNER_ID', 'REDIS_PORT', 'SHOP_ID, ACCESS_TOKEN', 'SPREADSHEET_ID'])
    expect(out).toContain(name);
  expect(out).not.toMatch(/secret|seven/);
});

test('usage errors exit 2, --help 0', async () => {
  expect((await run(['no-such-command'])).code).toBe(2);
  const help = await run(['--help']);
  expect(help.code).toBe(0);
  expect(help.out).toContain('Exit codes');
});
