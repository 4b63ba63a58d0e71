import { expect, test } from 'vitest';
import { hashPassword, isPassword } from './password-hash.ts';

test('a password fits its own hash and no other', async () => {
  const hash = await hashPassword('correct horse');
  expect(hash).not.toContain('correct');
  expect(await isPassword('correct horse', hash)).toBe(true);
  expect(await isPassword('correct horsf', hash)).toBe(false);
  expect(await isPassword('', hash)).toBe(false);
  expect(await hashPassword('correct horse')).not.toBe(hash);
});

test('however an accent was typed, it is the same password', async () => {
  expect(await isPassword('cafe\u0301', await hashPassword('caf\u00e9'))).toBe(true);
});

test('what is no hash of ours fits no password', async () => {
  expect(await isPassword('', '')).toBe(false);
  expect(await isPassword('x', 'plain$1$2$3$x$x')).toBe(false);
});
