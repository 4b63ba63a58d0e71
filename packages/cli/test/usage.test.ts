import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { printable, Shell } from '../src/output/shell.ts';
import { run } from './helpers.ts';

test('--version prints the product’s version', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  expect(await run(['--version'])).toMatchObject({ code: 0, out: version });
});

test.for(['01/02/2026', '2026-02-30', 'yesterday', '2026-01-01T08:00'])('the date %s is rejected', async (date) => {
  const { code, err } = await run(['backfill', '--from', date]);
  expect(code).toBe(2);
  expect(err).toContain('must be an existing date such as 2026-01-31');
});

test.for([
  ['orders', 'refresh', 'bad sn!'],
  ['forget', 'bad sn!'],
])('%s %s rejects what is no order number', async (args) => {
  const { code, err } = await run(args);
  expect(code).toBe(2);
  expect(err).toContain('must be an order number');
});

test('control characters of an order’s fields do not reach the terminal', () => {
  const lines: string[] = [];
  const options = { env: {}, err: () => undefined, out: (line: string) => lines.push(line) };
  const shell = new Shell({ ...options, isTty: true });
  const name = 'A\u001B]0;owned\u0007\u009B31m\u202Egnp';
  shell.show({}, () => [`${shell.paint('green', 'ok')} ${name}`]);
  shell.showJson({ name });
  expect(lines[0]).toBe(
    String.raw`[32mok[39m A\u001b]0;owned\u0007\u009b31m\u202egnp`.replaceAll(
      /^\[32mok\[39m/g,
      '\u001B[32mok\u001B[39m',
    ),
  );
  for (const control of ['\u001B', '\u009B', '\u202E']) expect(lines[1]).not.toContain(control);
  expect(JSON.parse(lines[1] ?? '')).toEqual({ name });
  expect(printable('a\tb')).toBe(String.raw`a\u0009b`);
});
