import { inspect } from 'node:util';
import { assert, constantFrom, property, stringMatching } from 'fast-check';
import { expect, test } from 'vitest';
import { loadConfig as loadForwarderConfig } from '../../packages/forwarder/src/config.ts';
import { settingsSchema } from '../../packages/forwarder/src/settings/settings-schema.ts';
import { loadConfig as loadWorkerConfig } from '../../packages/worker/src/config.ts';

const names = settingsSchema.map(({ name }) => name);
const account = JSON.stringify({
  type: 'service_account',
  client_email: 'w@x.iam.gserviceaccount.com',
  private_key: '-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----\n',
});
const env = {
  PARTNER_ID: '1000001',
  PARTNER_KEY: 'partner-key',
  WEBHOOK_PARTNER_KEY: 'push-key',
  SHOP_ID: '700000001',
  ACCESS_TOKEN: 'access-token',
  REFRESH_TOKEN: 'refresh-token',
  FORWARD_WEBHOOK_URL: 'http://worker:9000/webhook/process',
  GOOGLE_CREDENTIALS_JSON: account,
  SPREADSHEET_ID: '1AbC_d-3',
};

/** Values that are wrong almost everywhere; each holds a secret that nobody else writes. */
const secret = stringMatching(/^[B-DF-HJ-NP-TV-Z]{16}$/);
const hostile = secret.chain((text) =>
  constantFrom(
    text,
    `"${text}`,
    `${text}:1:2`,
    `{"private_key":"${text}"`,
    `http://${text}:${text}@[`,
    `-----BEGIN ${text}`,
    `${text}\n${text}`,
    `\uFEFF'${text}'`,
    `/run/secrets/${text}`,
    Buffer.from(`{"k":"${text}"`).toString('base64'),
  ).map((value) => ({ text, value })),
);

/** What a service says of an environment that it rejects. */
function messageOf(load: (env: Record<string, string>) => unknown, changed: Record<string, string>): string {
  try {
    load(changed);
  } catch (error) {
    return inspect(error);
  }
  return '';
}

test('no start message shows a part of any value', () => {
  assert(
    property(constantFrom(...names), hostile, (name, { text, value }) => {
      for (const load of [loadForwarderConfig, loadWorkerConfig]) {
        const message = messageOf(load, { ...env, [name]: value });
        for (let at = 0; at + 6 <= text.length; at++) expect(message).not.toContain(text.slice(at, at + 6));
        expect(message).not.toContain(value.slice(-16));
      }
    }),
    { numRuns: 2_000 },
  );
});
