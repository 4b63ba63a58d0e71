import { hash } from 'node:crypto';
import { isRecord } from './json.ts';
import type { Push } from './push.ts';

/**
 * Tells repeats of a push: 22 characters (132 bits) of the base64url SHA-256 over code, shop and data. Shopee gives no
 * event id, and a retry's envelope may differ in its timestamp, which is therefore left out; so is the order of keys.
 */
export function pushDigest(push: Push): string {
  const text = `${push.code}|${push.shopId ?? ''}|${canonical(push.data)}`;
  return hash('sha256', text, 'base64url').slice(0, 22);
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isRecord(value)) return JSON.stringify(value) ?? 'null';
  const entries = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${entries.join(',')}}`;
}
