/** A JSON object as it goes over the wire; a bigint in it is written as the number it is. */
export type JsonObject = Record<string, unknown>;

declare global {
  interface JSON {
    /** The text goes into the JSON as it is; in V8 since Node 22, not yet in TypeScript's library. */
    rawJSON(text: string): unknown;
  }
}

/** JSON text in which ids beyond 2^53 keep all their digits and -0 its sign, as Shopee's own bodies have them. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part === 'bigint') return JSON.rawJSON(String(part));
    return Object.is(part, -0) ? JSON.rawJSON('-0') : part;
  });
}
