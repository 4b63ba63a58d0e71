import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readServiceAccount } from './service-account.ts';

const email = 'w@x.iam.gserviceaccount.com';
const privateKey = '-----BEGIN PRIVATE KEY-----\nMIIsecretMII\n-----END PRIVATE KEY-----\n';
const json = JSON.stringify({ type: 'service_account', client_email: email, private_key: privateKey });
const base64 = Buffer.from(json).toString('base64');

function faultOf(value: string): string {
  try {
    readServiceAccount(value);
  } catch (error) {
    return error instanceof Error ? `${error.message} ${String(error.cause)}` : String(error);
  }
  return '';
}

describe('the key of a service account', () => {
  test.each([
    ['as JSON', json],
    ['with a byte order mark', `\uFEFF${json}`],
    ['in single quotes', `'${json}'`],
    ['in double quotes', `"${json}"`],
    ['as a JSON string', JSON.stringify(json)],
    ['in base64', base64],
    ['in base64 of lines', base64.replaceAll(/.{64}/g, '$&\n')],
    ['in base64 and quotes', `"${base64}"`],
  ])('is read %s', (_form, value) => {
    expect(readServiceAccount(value)).toEqual({ email, privateKey });
  });

  test('is read from a file, also in quotes and with a byte order mark', () => {
    const dir = mkdtempSync(join(tmpdir(), 'service-account-'));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    const path = join(dir, 'key.json');
    writeFileSync(path, `\uFEFF${json}`);
    expect(readServiceAccount(`"${path}"`)).toEqual({ email, privateKey });
  });

  test.each([
    ['JSON that is cut off', json.slice(0, -10)],
    ['base64 that is cut off', base64.slice(4)],
    ['the bare key', privateKey],
    ['another kind of account', json.replace('service_account', 'authorized_user')],
    ['no such file', '/nowhere/MIIsecretMII.json'],
  ])('is not shown when it is %s', (_form, value) => {
    const message = faultOf(value);
    expect(message).toContain('GOOGLE_CREDENTIALS_JSON');
    expect(message).not.toMatch(/MII|BEGIN|nowhere/);
  });
});
