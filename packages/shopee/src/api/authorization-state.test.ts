import { expect, test } from 'vitest';
import { verifyAuthorizationState, createAuthorizationState } from './authorization-state.ts';

const key = 'a-partner-key';
const now = 1_790_000_000_000;

test('a state is good for half an hour, with the key it was made with', () => {
  const state = createAuthorizationState(key, now);
  expect(verifyAuthorizationState(key, state, now)).toBe(true);
  expect(verifyAuthorizationState(key, state, now + 29 * 60_000)).toBe(true);
  expect(verifyAuthorizationState(key, state, now + 31 * 60_000)).toBe(false);
  expect(verifyAuthorizationState('another', state, now)).toBe(false);
});

test('a state that was changed, cut or invented is rejected', () => {
  const state = createAuthorizationState(key, now);
  const [end = '', ...rest] = state.split('.');
  for (const forged of ['', '.', '..', 'x', state.slice(0, -1), [`${Number(end) + 1}`, ...rest].join('.')]) {
    expect(verifyAuthorizationState(key, forged, now)).toBe(false);
  }
});
