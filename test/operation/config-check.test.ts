import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { configErrors } from '../../packages/cli/src/config/config-check.ts';
import { nameWarnings } from '../../packages/cli/src/config/variable-names.ts';
import { loadConfig as loadForwarderConfig } from '../../packages/forwarder/src/config.ts';
import { settingsSchema } from '../../packages/forwarder/src/settings/settings-schema.ts';
import { loadConfig as loadWorkerConfig } from '../../packages/worker/src/config.ts';
import { getWorkerSettings } from '../../packages/worker/src/rpc/settings.ts';

const env: Record<string, string> = {
  PARTNER_ID: '1000001',
  PARTNER_KEY: 'partner-key',
  WEBHOOK_PARTNER_KEY: 'push-key',
  FORWARD_WEBHOOK_URL: 'http://worker:9000/webhook/process',
  GOOGLE_CREDENTIALS_JSON: JSON.stringify({
    type: 'service_account',
    client_email: 'w@x.iam.gserviceaccount.com',
    private_key: '-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----\n',
  }),
  SPREADSHEET_ID: '1AbC_d-3',
};

test('the worker reports each setting that it alone reads, as it is set', () => {
  const config = loadWorkerConfig({ ...env, SCHEDULED_JOBS: 'false' });
  const reported = new Map(getWorkerSettings(config).settings.map((setting) => [setting.name, setting]));
  // The command line's own.
  const names = settingsSchema.filter(({ name, service }) => service === 'worker' && name !== 'FORWARDER_URL');
  expect(names.map(({ name }) => name).filter((name) => !reported.has(name))).toEqual([]);
  expect(reported.get('SCHEDULED_JOBS')).toEqual({
    name: 'SCHEDULED_JOBS',
    value: 'false',
    isSet: true,
    fromEnv: true,
  });
});

function starts(changed: Record<string, string>): boolean {
  try {
    loadForwarderConfig(changed);
    loadWorkerConfig(changed);
    return true;
  } catch {
    return false;
  }
}

const values = [
  '',
  ' ',
  'x',
  '0',
  '-1',
  '7',
  '99999',
  'true',
  'maybe',
  'INFO',
  'a b',
  'http://x',
  'a:1',
  '1,2',
  '22:00',
];
/** FORWARD_WEBHOOK_URL is set by docker-compose and `npm start`, so that it may be missing here. */
const cases = settingsSchema
  .filter(({ name }) => name !== 'FORWARD_WEBHOOK_URL')
  .flatMap(({ name }) => values.map((value) => ({ name, value })));

test('config check rejects what a service rejects, and nothing else', () => {
  let rejected = 0;
  for (const { name, value } of cases) {
    const changed = { ...env, [name]: value };
    const works = starts(changed);
    if (!works) rejected += 1;
    expect([name, value, configErrors(changed).length === 0]).toEqual([name, value, works]);
  }
  expect(rejected).toBeGreaterThan(100);
});

test.each(['TELEGRAM_DIGEST', 'TELEGRAM_QUIET', 'TELEGRAM_MUTE', 'SHEETS_ROTATE', 'WORKER_BATCH_SIZE', 'WORKER_ID'])(
  'config check names a wrong %s',
  (name) => {
    expect(configErrors({ ...env, [name]: 'not so!' })).toEqual([expect.stringMatching(new RegExp(`^${name}: `))]);
  },
);

test('capitals in LOG_LEVEL and a byte order mark before the first line are accepted', () => {
  const { PARTNER_ID = '', ...rest } = env;
  const marked = { ...rest, '\uFEFFPARTNER_ID': PARTNER_ID, LOG_LEVEL: 'INFO' };
  expect(configErrors(marked)).toEqual([]);
  expect(starts(marked)).toBe(true);
});

test.each([
  ['REDIS_PASWORD', 'REDIS_PASWORD is not read: did you mean REDIS_PASSWORD?'],
  ['webhook_url', 'webhook_url is not read: did you mean WEBHOOK_URL?'],
  ['TELEGRAM_TOPIC_NAMES', 'TELEGRAM_TOPIC_NAMES is not read'],
  ['GLITCHTIP_DSN', 'GLITCHTIP_DSN is not read: set SENTRY_DSN'],
  ['HOST_API', 'HOST_API is not read: set HOST'],
])('the name %s, which nothing reads, is a warning', (name, warning) => {
  expect(nameWarnings({ ...env, [name]: 'value' })).toEqual([warning]);
});

test('names of the system, of a platform, and of every setting are none', () => {
  const system = ['PATH', 'HOME', 'HOSTNAME', 'LANG', 'NODE_ENV', 'TZ', 'REDIS_PORT_6379_TCP_ADDR', 'PARTNER_KEY_FILE'];
  const names = [...system, ...settingsSchema.map(({ name }) => name)];
  expect(nameWarnings(Object.fromEntries(names.map((name) => [name, 'x'])))).toEqual([]);
});

test('docs/migrate.md and config check say the same of other names', () => {
  const text = readFileSync(new URL('../../docs/migrate.md', import.meta.url), 'utf8');
  const rows = text.split('\n').filter((line) => /^ +\| `/.test(line));
  expect(rows.length).toBeGreaterThan(10);
  for (const row of rows) {
    const [, left = '', right = ''] = row.split('|');
    const old = [...left.matchAll(/`([A-Z_]+)[`=]/g)].map(([, name = '']) => name);
    const current = [...right.matchAll(/`([A-Z_]+)[`=]/g)].map(([, name = '']) => name);
    for (const name of old) {
      const [warning = `nothing about ${name}`] = nameWarnings({ [name]: 'x' });
      const named = [...warning.matchAll(/[A-Z_]{4,}/g)].map(([text]) => text).filter((text) => text !== name);
      expect([name, current]).toEqual([name, expect.arrayContaining(named)]);
      expect(warning).toContain(`${name} is not read`);
    }
  }
});
