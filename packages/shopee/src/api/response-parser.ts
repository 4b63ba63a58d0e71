import type { z } from 'zod';
import { isRecord } from '../push/json.ts';
import { ShopeeError } from './errors.ts';
import type { ApiResponse } from './transport.ts';

/** What an response is about: its `response`, or the whole where Shopee wraps nothing. */
export function unwrap(response: ApiResponse): ApiResponse {
  return isRecord(response['response']) ? response['response'] : response;
}

/** Reads a value, or throws a ShopeeError that names the fields which are not as documented, and no values. */
export function parseResponse<T extends z.ZodType>(schema: T, value: unknown, path: string): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.slice(0, 5).map((issue) => issue.path.join('.') || '(whole)');
  throw malformedResponse(`not as documented: ${fields.join(', ')}`, path);
}

/** The error for a response that Shopee would not give by its documentation. */
export function malformedResponse(detail: string, path: string): ShopeeError {
  return new ShopeeError({ kind: 'retry-later', isDocumented: false, code: 'malformed-response', detail, path });
}
