import { expect, test } from 'vitest';
import { isAuthorizationState, makeAuthorizationState } from './authorization-state.ts';

const key = 'a-partner-key';
const now = 1_790_000_000_000;

test('a state is good for half an hour, with the key it was made with', () => {
  const state = makeAuthorizationState(key, now);
  expect(isAuthorizationState(key, state, now)).toBe(true);
  expect(isAuthorizationState(key, state, now + 29 * 60_000)).toBe(true);
  expect(isAuthorizationState(key, state, now + 31 * 60_000)).toBe(false);
  expect(isAuthorizationState('another', state, now)).toBe(false);
});

test('a state that was changed, cut or invented is refused', () => {
  const state = makeAuthorizationState(key, now);
  const [end = '', ...rest] = state.split('.');
  for (const forged of ['', '.', '..', 'x', state.slice(0, -1), [`${Number(end) + 1}`, ...rest].join('.')]) {
    expect(isAuthorizationState(key, forged, now)).toBe(false);
  }
});
