import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { systemClock } from './clock.ts';

/** A seller who starts to authorize has as long as the code is good for (Shopee guide 20), and time to sign in. */
const lifetimeMs = 30 * 60_000;

/**
 * The `state` of an authorization link. It proves that the link was made by this installation, whoever of its processes
 * made it: `<end, ms>.<random>.<HMAC>`.
 */
export function createAuthorizationState(
  partnerKey: string,
  now: number = systemClock.wallMs(),
  origin: 'browser' | 'cli' = 'browser',
): string {
  const content = `${now + lifetimeMs}.${origin}-${randomBytes(12).toString('base64url')}`;
  return `${content}.${signState(partnerKey, content).toString('base64url')}`;
}

/** Whether a `state` was made for the command line, which no browser is bound to. Only of a verified one. */
export function isCliAuthorizationState(state: string): boolean {
  return state.split('.', 2)[1]?.startsWith('cli-') === true;
}

/** Whether a `state` came back that we made and whose time is not over. */
export function verifyAuthorizationState(
  partnerKey: string,
  state: string,
  now: number = systemClock.wallMs(),
): boolean {
  const [end = '', random = '', proof = ''] = state.split('.', 3);
  const given = Buffer.from(proof, 'base64url');
  const right = signState(partnerKey, `${end}.${random}`);
  return given.length === right.length && timingSafeEqual(given, right) && Number(end) > now;
}

function signState(partnerKey: string, content: string): Buffer {
  return createHmac('sha256', partnerKey).update(`authorization-state|${content}`).digest();
}
