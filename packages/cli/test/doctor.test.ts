import { randomUUID } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { once } from 'node:events';
import { connectRedis, buildKeys, SettingsStore, TokenStore, type NewShopTokens } from '@shopee-webhook/store';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { serviceEnv } from '../../sandbox/src/stack/service-env.ts';
import { startFakes, type Fakes } from '../../sandbox/src/stack/fakes.ts';
import { freeSpaceLine } from '../src/doctor/system-checks.ts';
import { freshDir, run, runJson } from './helpers.ts';

let world: Fakes;
let env: Record<string, string>;
let hook: { url: string; status: number; body: string };
/** Bodies received at the callback URL. */
const called: string[] = [];
const recordCall = async (request: IncomingMessage) => {
  called.push(await text(request));
};
const callback = createServer((request, response) => {
  void recordCall(request);
  response.writeHead(hook.status, hook.status === 301 ? { location: '/' } : {}).end(hook.body);
});

beforeAll(async () => {
  callback.listen(0, '127.0.0.1');
  await once(callback, 'listening');
  const address = callback.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  hook = { url: `http://127.0.0.1:${String(address.port)}/webhook/shopee`, status: 200, body: '' };
  world = await startFakes({ shopee: { callbackUrl: hook.url } });
});

afterAll(async () => {
  callback.close();
  await world.close();
});

beforeEach(() => {
  hook.status = 200;
  hook.body = '';
  env = {
    ...serviceEnv(world, {
      forwarderPort: 1,
      workerPort: 1,
      redisPort: inject('redisPort'),
      dataDir: freshDir(),
      logDir: freshDir(),
    }),
    WEBHOOK_URL: hook.url,
    REDIS_KEY_PREFIX: `t${randomUUID()}`,
  };
});

async function connectShop(change: Partial<NewShopTokens> = {}): Promise<void> {
  const redis = connectRedis({ host: '127.0.0.1', port: inject('redisPort') });
  const tokens = new TokenStore({
    redis,
    keys: buildKeys(env['REDIS_KEY_PREFIX'] ?? ''),
    dataDir: env['DATA_DIR'] ?? '',
  });
  const { accessToken, refreshToken } = world.shopee.issueTokens(700_000_001);
  const until = Date.now() + 3_600_000;
  await tokens.save({
    shopId: '700000001',
    accessToken,
    refreshToken,
    accessExpiresAt: until,
    refreshExpiresAt: until,
    state: 'active',
    ...change,
  });
  redis.disconnect();
}

interface Finding {
  area: string;
  level: string;
  text: string;
  action?: string;
  link?: string;
}

async function runDoctor(change: Record<string, string> = {}): Promise<Finding[]> {
  return (await runJson(['doctor'], { ...env, ...change })).values as Finding[];
}

async function failuresOf(change: Record<string, string> = {}): Promise<string> {
  // The services themselves do not run here: doctor-services.test.ts.
  const findings = await runDoctor(change);
  return linesOf(
    findings.filter(({ area }) => area !== 'forwarder' && area !== 'worker'),
    'fail',
  );
}

/** As `area: text → action`; every failure and warning has an action and a link. */
function linesOf(findings: Finding[], wanted: 'fail' | 'warn'): string {
  const failed = findings.filter(({ level }) => level === wanted);
  for (const { text, link } of failed) expect([text, link]).toEqual([text, expect.stringMatching(/^https:|\.md/)]);
  return failed.map(({ area, text, action }) => `${area}: ${text} → ${action ?? ''}`).join('\n');
}

test('a correct installation has no failures', async () => {
  await connectShop();
  expect(await failuresOf()).toBe('');
  const { out } = await run(['doctor'], env);
  expect(out).toContain('signed in as ');
  // The console's own test push creates no event.
  expect(new Set(called).size).toBe(1);
  expect(called[0]).toContain('verify_info');
});

test('works with nothing set, and reports what is missing', async () => {
  const { code, out } = await run(['doctor'], {
    REDIS_HOST: '127.0.0.1',
    REDIS_PORT: '1',
    SHOPEE_API_URL: world.shopee.url,
    DATA_DIR: freshDir(),
    LOG_DIR: freshDir(),
  });
  expect(code).toBe(1);
  for (const part of ['PARTNER_ID is not set', 'redis        unreachable', 'bot not configured'])
    expect(out).toContain(part);
});

test('a clock that is ten minutes off fails', async () => {
  const wrong = createServer((_request, response) => {
    response.setHeader('date', new Date(Date.now() - 600_000).toUTCString()).end();
  }).listen(0, '127.0.0.1');
  await once(wrong, 'listening');
  const address = wrong.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const failures = await failuresOf({ SHOPEE_API_URL: `http://127.0.0.1:${String(address.port)}` });
  wrong.close();
  expect(failures).toMatch(/clock: this clock is (599|60\d) s ahead of Shopee's/);
});

test('a wrong partner key, no shop, and a wrong callback URL fail', async () => {
  const wrongKey = await failuresOf({ PARTNER_KEY: 'shpk-wrong' });
  expect(wrongKey).toMatch(/shopee: .*error_sign/);
  expect(wrongKey).toContain('PARTNER_KEY');
  expect(wrongKey).toContain('shops: no shop connected');
  expect(await failuresOf({ WEBHOOK_URL: `${hook.url}/` })).toContain('WEBHOOK_URL is not the callback URL at Shopee');
});

test('a callback URL that redirects, rejects, or responds with a body fails', async () => {
  hook.status = 301;
  expect(await failuresOf()).toContain('WEBHOOK_URL redirects (301)');
  hook.status = 401;
  expect(await failuresOf()).toContain('WEBHOOK_URL responds with 401');
  hook.status = 200;
  hook.body = 'ok';
  expect(await failuresOf()).toContain('WEBHOOK_URL responds with a body');
});

test('a sheet that is missing, not shared, or read-only fails with the e-mail to share it with', async () => {
  const email = world.google.credentials.client_email;
  world.google.share(email, undefined);
  expect(await failuresOf()).toContain(`as Editor with ${email}`);
  world.google.share(email, 'reader');
  expect(await failuresOf()).toContain(`as Editor with ${email}`);
  world.google.share(email, 'writer');
  expect(await failuresOf({ SPREADSHEET_ID: 'nowhere' })).toContain('check SPREADSHEET_ID');
  world.google.settings.apiDisabled = true;
  expect(await failuresOf()).toContain('enable the Google Sheets API');
  world.google.settings.apiDisabled = false;
});

test('a wrong token, a wrong chat and a missing right fail', async () => {
  expect(await failuresOf({ TELEGRAM_BOT_TOKEN: '123456:wrong' })).toContain("telegram: the bot's token was rejected");
  expect(await failuresOf({ TELEGRAM_CHAT_ID: '-100999' })).toContain('telegram: chat not found');
  world.telegram.act({ act: 'take-topic-right' });
  expect(await failuresOf()).toContain('«Manage Topics»');
  world.telegram.act({ act: 'give-topic-right' });
});

test('unwritable folders and a full disk fail', async () => {
  const file = join(freshDir(), 'a-file');
  writeFileSync(file, '');
  expect(await failuresOf({ DATA_DIR: join(file, 'data') })).toContain('data is not writable → make the service user');
  const absent = join(freshDir(), 'data', 'deep');
  expect(await failuresOf({ DATA_DIR: absent })).not.toContain('disk:');
  expect(existsSync(absent)).toBe(false);
  expect(freeSpaceLine('data', 50 * 2 ** 20)).toMatchObject({
    level: 'fail',
    action: expect.stringContaining('free up space'),
  });
  expect(freeSpaceLine('data', 500 * 2 ** 20)).toMatchObject({ level: 'warn', text: 'data has 0.5 GiB free' });
  expect(freeSpaceLine('data', 5 * 2 ** 30)).toMatchObject({ level: 'ok' });
});

test('an unreachable host, and one that does not allow this IP, fail', async () => {
  expect(await failuresOf({ SHOPEE_API_URL: 'http://127.0.0.1:1' })).toMatch(/shopee: .* → check SHOPEE_API_URL/);
  world.shopee.settings.allowedIps = ['203.0.113.9'];
  expect(await failuresOf()).toMatch(/shopee: .*source_ip_undeclared.* → add this address to the app’s IP whitelist/i);
  world.shopee.settings.allowedIps = undefined;
});

test('a shop that must be reconnected fails, whatever the reason', async () => {
  await connectShop({ state: 'revoked', reason: 'user cancel shop authorization' });
  expect(await failuresOf()).toContain(
    'shops: shop 700000001 is revoked: user cancel shop authorization → reconnect the shop',
  );
  await connectShop({ refreshExpiresAt: Date.now() - 1 });
  expect(await failuresOf()).toContain('the refresh token has expired → reconnect the shop');
  await connectShop({ accessToken: 'of-another-time' });
  expect(await failuresOf()).toMatch(/shops: .*Invalid access_token.* → the worker refreshes the token/);
});

test('an expired access token and an authorization that ends soon are warnings', async () => {
  await connectShop({ accessExpiresAt: Date.now() - 1 });
  expect(linesOf(await runDoctor(), 'warn')).toContain('the access token needs a refresh → the worker refreshes it');
  world.shopee.tokens.authorize(700_000_001, 5);
  await connectShop();
  expect(linesOf(await runDoctor(), 'warn')).toMatch(
    /shop 700000001: authorized for \d more days → reconnect the shop/,
  );
  world.shopee.tokens.authorize(700_000_001, 365);
});

test('an Excel file, and a spreadsheet in another time zone than its shop, are named with the cure', async () => {
  await connectShop({ region: 'SG' });
  expect(linesOf(await runDoctor(), 'warn')).not.toContain('time zone');
  world.google.edit({ kind: 'settings', timeZone: 'America/New_York' });
  expect(linesOf(await runDoctor(), 'warn')).toMatch(
    /google: .* America\/New_York, shop 700000001 in Asia\/Singapore.* → .*File → Settings → Time zone/,
  );
  world.google.edit({ kind: 'settings', timeZone: 'Asia/Kuala_Lumpur' });
  expect(linesOf(await runDoctor(), 'warn')).not.toContain('time zone');
  world.google.edit({ kind: 'settings', timeZone: 'Asia/Singapore' });
  world.google.setFile('xlsx');
  expect(await failuresOf()).toMatch(/google: .* → it is an Excel file: .*File → Save as Google Sheets/);
  world.google.setFile('there');
});

test('what the workers found wrong in the sheet is a warning with its repair', async () => {
  const redis = connectRedis({ host: '127.0.0.1', port: inject('redisPort') });
  const key = buildKeys(env['REDIS_KEY_PREFIX'] ?? '').alerts;
  const alert = { severity: 'warning', title: 'Orders stand twice', text: 'Run it.', since: 1, sent: true };
  await redis.hset(key, 'sheet-findings:abc', JSON.stringify(alert), 'sheet-findings:abc\nworker-1', '1');
  redis.disconnect();
  expect(linesOf(await runDoctor(), 'warn')).toContain('google: Orders stand twice → Run it.');
});

test('paused consumers are a warning', async () => {
  const redis = connectRedis({ host: '127.0.0.1', port: inject('redisPort') });
  await new SettingsStore({ redis, keys: buildKeys(env['REDIS_KEY_PREFIX'] ?? '') }).set(
    'CONSUMERS_PAUSED',
    1,
    'dashboard',
  );
  redis.disconnect();
  expect(linesOf(await runDoctor(), 'warn')).toMatch(
    /consumers: .*paused by an operator.* → dashboard → Workers → Resume all/,
  );
});

test('suspended pushes and disabled codes fail', async () => {
  world.shopee.pushes.health.suspend();
  expect(await failuresOf()).toMatch(/push: push status at Shopee: suspended → .*re-enable pushes in the console/i);
  world.shopee.pushes.health.reset();
  world.shopee.pushes.config.off = [4];
  expect(await failuresOf()).toContain('push: push codes 4 are disabled → enable them under console → Push Mechanism');
  world.shopee.pushes.config.off = [];
});

test('an unreachable callback URL fails; one without https is a warning', async () => {
  expect(await failuresOf({ WEBHOOK_URL: 'http://127.0.0.1:1/webhook/shopee' })).toContain(
    'does not respond from here',
  );
  const examination = await runDoctor();
  expect(linesOf(examination, 'warn')).toContain('push: WEBHOOK_URL is not https');
  expect(examination.find(({ text }) => text.includes('https'))?.link).toBe(
    'docs/setup.md#2-the-server-an-address-with-https',
  );
});

test('an invalid key file, an invalid key, and an unknown account fail', async () => {
  expect(await failuresOf({ GOOGLE_CREDENTIALS_JSON: '{"type":"user"}' })).toMatch(
    /google: .*is not the key file of a service account.* → download a key file/,
  );
  const { credentials } = world.google;
  const invalid = { ...credentials, private_key: credentials.private_key.replace(/[A-Za-z0-9]{40}/, 'invalid') };
  expect(await failuresOf({ GOOGLE_CREDENTIALS_JSON: JSON.stringify(invalid) })).toContain(
    'the private key of the service account is invalid → download the key file again',
  );
  const stranger = { ...credentials, client_email: 'stranger@elsewhere.iam.gserviceaccount.com' };
  expect(await failuresOf({ GOOGLE_CREDENTIALS_JSON: JSON.stringify(stranger) })).toMatch(
    /google: Google rejected the sign-in of stranger@\S+: .* → create a new key/,
  );
});

test('a group without topics is a warning, and a bot outside the group fails', async () => {
  world.telegram.act({ act: 'topics-off' });
  expect(linesOf(await runDoctor(), 'warn')).toContain(
    'telegram: the chat has no topics: all notifications go to one place',
  );
  world.telegram.act({ act: 'topics-on' });
  world.telegram.act({ act: 'kick' });
  expect(await failuresOf()).toMatch(/telegram: .* → .*(add @|administrator)/);
  world.telegram.act({ act: 'invite' });
});
