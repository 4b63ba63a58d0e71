/** Deeper than anything Shopee sends, and shallow enough that no recursive reader runs out of stack. */
const maxDepth = 100;

/** Where a number stands whose digits a double may not hold: 16 in a row, or an exponent. */
const hasUnsafeIntegers = /(?:^|[:,[\s])-?(?:\d{16}|\d[\d.]*[eE]\+?\d)/;

type Reviver = (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown;

const preserveBigInts: Reviver = (_key, value, { source }) =>
  typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER ? flatCopy(source ?? String(value)) : value;

/** V8 keeps the whole of a text in memory for each part that was cut from it: here 100 kB of an answer for 20 digits. */
function flatCopy(part: string): string {
  return Buffer.from(part, 'latin1').toString('latin1');
}

/**
 * Parses JSON without ever rounding an id: an integer beyond 2^53 becomes a string of its digits as written.
 * Shopee widened `promotion_id` and `activity_id` to uint64 in July 2026. Throws SyntaxError, also for text that is
 * nested deeper than 100 levels.
 */
export function parseJson(text: string): unknown {
  assertMaxDepth(text);
  return hasUnsafeIntegers.test(text)
    ? JSON.parse(text, preserveBigInts as (key: string, value: unknown) => unknown)
    : JSON.parse(text);
}

/** An object that is neither null nor an array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const quote = 0x22;
const backslash = 0x5c;

function assertMaxDepth(text: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    // In ASCII, [ ] and { } differ in one bit only: 0x5b 0x5d, 0x7b 0x7d.
    const char = text.charCodeAt(at);
    const bracket = char & 0xdf;
    if (char === quote) at = endOfString(text, at);
    else if (bracket === 0x5b) depth += 1;
    else if (bracket === 0x5d) depth -= 1;
    if (depth > maxDepth) throw new SyntaxError(`JSON nested deeper than ${maxDepth} levels`);
  }
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== quote) at += text.charCodeAt(at) === backslash ? 2 : 1;
  return at;
}
