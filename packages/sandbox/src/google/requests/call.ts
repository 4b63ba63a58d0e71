import type { Mask } from '../spreadsheet/field-mask.ts';
import type { Spreadsheet } from '../spreadsheet/spreadsheet.ts';

/** One request to the API after the checks that all methods share. */
export interface Call {
  spreadsheet: Spreadsheet;
  /** The e-mail of the caller's service account. */
  user: string;
  /** Parameters of the path, decoded. */
  path: Record<string, string>;
  query: Record<string, string[]>;
  /** Fits the schema of the method; undefined where it has no body. */
  body: unknown;
  /** What the caller wants of the response; undefined for all. */
  mask: Mask | undefined;
}

export type Method = (call: Call) => object;

/** Whether a query parameter is set: `true`, `True` or `1`. */
export function queryFlag(call: Call, name: string): boolean {
  return /^(?:true|1)$/iu.test(queryValue(call, name) ?? '');
}

/** A query parameter that may stand once. */
export function queryValue(call: Call, name: string): string | undefined {
  return call.query[name]?.at(-1);
}
