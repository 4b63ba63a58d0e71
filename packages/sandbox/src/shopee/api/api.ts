import type { SandboxShop } from '../orders/order-record.ts';
import type { JsonObject } from '../data/json.ts';
import { invalidParameter } from './api-errors.ts';

/** One call that passed all checks. */
export interface Call {
  query: Readonly<Record<string, string>>;
  body: JsonObject;
  /** For public APIs: a shop that no handler may rely on. */
  shop: SandboxShop | undefined;
  /** Unix seconds. */
  now: number;
}

/** An endpoint; `handle` gives the response's keys beside `error`, `message` and `request_id`, or throws an ApiError. */
export interface Api {
  method: 'GET' | 'POST';
  /** After `/api/v2`. */
  path: string;
  /** Public ones are signed without token and shop. */
  kind: 'public' | 'shop';
  handle(call: Call): JsonObject | Promise<JsonObject>;
}

/** The shop that a call of kind `shop` is for. */
export function shopOf(call: Call): SandboxShop {
  if (call.shop === undefined) throw new Error('a shop API was called without its shop');
  return call.shop;
}

/** A required text of the query. */
export function requiredText(query: Call['query'], name: string): string {
  const value = query[name];
  if (value === undefined || value === '') throw invalidParameter(`missing ${name}`);
  return value;
}

/** A whole number of the query, within the limits (both included); `otherwise` when it is not given. */
export function integerParam(
  query: Call['query'],
  name: string,
  { min, max, otherwise: fallback, message }: { min: number; max: number; otherwise?: number; message?: string },
): number {
  const value = query[name];
  if (value === undefined && fallback !== undefined) return fallback;
  const number = Number(value);
  if (value === undefined || value === '' || !Number.isInteger(number) || number < min || number > max) {
    throw invalidParameter(`${name} must be an integer from ${min} to ${max}`, message);
  }
  return number;
}

/** The comma-joined list of the query, without blanks. */
export function listParam(query: Call['query'], name: string): string[] {
  return (query[name] ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
