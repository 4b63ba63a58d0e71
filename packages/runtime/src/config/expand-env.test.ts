import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { commonEnv } from './env-schemas.ts';
import { expandEnv, readEnv, secretNames } from './env.ts';

const dir = mkdtempSync(join(tmpdir(), 'secrets-'));
afterAll(() => rmSync(dir, { recursive: true }));

function secretFile(text: string): string {
  const path = join(dir, String(Math.random()));
  writeFileSync(path, text);
  return path;
}

test('every secret may come from a file', () => {
  const env = Object.fromEntries(secretNames.map((name) => [`${name}_FILE`, secretFile(`${name} value\n`)]));
  expect(expandEnv(env)).toEqual(Object.fromEntries(secretNames.map((name) => [name, `${name} value`])));
});

test('a file that cannot be read is named, and so is a secret that is set twice', () => {
  expect(() => expandEnv({ PARTNER_KEY_FILE: join(dir, 'none') })).toThrow('PARTNER_KEY_FILE: cannot be read (ENOENT)');
  expect(() => expandEnv({ PARTNER_KEY: 'a', PARTNER_KEY_FILE: secretFile('b') })).toThrow('not both');
});

test('a byte order mark before the first variable is ignored', () => {
  expect(expandEnv({ '\uFEFFPARTNER_ID': '1', LOG_DIR: '' })).toEqual({ PARTNER_ID: '1' });
});

test('the log level may be written in capitals', () => {
  const { LOG_LEVEL: logLevel } = commonEnv;
  expect(readEnv(z.object({ LOG_LEVEL: logLevel }), { LOG_LEVEL: 'INFO' })).toEqual({ LOG_LEVEL: 'info' });
  expect(() => readEnv(z.object({ LOG_LEVEL: logLevel }), { LOG_LEVEL: 'loud' })).toThrow('must be fatal');
});
