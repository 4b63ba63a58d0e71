import { createHmac, timingSafeEqual } from 'node:crypto';

/** A request older or newer than this is rejected, so that one that was overheard cannot be sent again. */
const toleranceMs = 5 * 60_000;

/** What the forwarder signs: hex HMAC-SHA256 with the partner key of `forwarder|<unix seconds>|<body>`. */
export function signInternalRequest(partnerKey: string, timestamp: string, body: string): string {
  return createHmac('sha256', partnerKey).update(`forwarder|${timestamp}|${body}`).digest('hex');
}

/** Whether a request comes from our forwarder, within five minutes. Compares in constant time. */
export function verifyInternalRequest(
  request: { timestamp: unknown; signature: unknown; body: string },
  { partnerKey, now }: { partnerKey: string; now: number },
): boolean {
  const { timestamp, signature, body } = request;
  if (typeof timestamp !== 'string' || typeof signature !== 'string' || !/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(Number(timestamp) * 1000 - now) > toleranceMs) return false;
  const expected = Buffer.from(signInternalRequest(partnerKey, timestamp, body));
  const given = Buffer.from(signature.toLowerCase());
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** What is signed as the body of a GET /health, which has none. */
export const healthRequest = 'GET /health';

/** The headers that carry the proof. */
export function internalAuthHeaders(partnerKey: string, body: string, now: number): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000));
  return {
    'x-forwarder-timestamp': timestamp,
    'x-forwarder-signature': signInternalRequest(partnerKey, timestamp, body),
  };
}
