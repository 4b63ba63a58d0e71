/** Deeper than anything Shopee sends, and shallow enough that no recursive reader runs out of stack. */
const maxDepth = 100;

/** A number whose digits a double may not hold: 16 digits in a row, or an exponent. */
const mayLoseDigits = /\d{16}|\d[eE]\+?\d/;

type Reviver = (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown;

const keepDigits: Reviver = (_key, value, { source }) =>
  typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER ? (source ?? value) : value;

/**
 * Parses JSON without ever rounding an id: an integer beyond 2^53 becomes a string of its digits as written.
 * Shopee widened `promotion_id` and `activity_id` to uint64 in July 2026. Throws SyntaxError, also for text that is
 * nested deeper than 100 levels.
 */
export function parseJson(text: string): unknown {
  refuseDeep(text);
  return mayLoseDigits.test(text)
    ? JSON.parse(text, keepDigits as (key: string, value: unknown) => unknown)
    : JSON.parse(text);
}

/** An object that is neither null nor an array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuseDeep(text: string): void {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (inString) {
      if (char === '\\') at += 1;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{' || char === '[') {
      depth += 1;
      if (depth > maxDepth) throw new SyntaxError(`JSON nested deeper than ${maxDepth} levels`);
    } else if (char === '}' || char === ']') depth -= 1;
  }
}
