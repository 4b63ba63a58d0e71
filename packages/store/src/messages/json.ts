/** Where a value stands in its text: from `start` up to, without, `end`. */
export interface Span {
  start: number;
  end: number;
}

/** Put where Redis' own time belongs: JSON never holds a raw NUL, so the scripts can replace it by the milliseconds. */
export const serverTimePlaceholder = Symbol('the time of Redis, ms');

export interface RawJson {
  rawJSON: string;
}

// Node 24 has these (ECMAScript proposal JSON.parse source text access); TypeScript's library does not know them yet.
const json = JSON as unknown as {
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
  rawJSON(text: string): RawJson;
  isRawJSON(value: unknown): value is RawJson;
};

/** True for a number that is kept as its digits. */
export const isRawJson = (value: unknown): value is RawJson => json.isRawJSON(value);

/** As JSON.parse, but numbers that JavaScript would print otherwise (ids beyond 2^53, `1.10`) keep their digits when printed again. */
export function parseLossless(text: string): unknown {
  return json.parse(text, (_key, value, context) =>
    typeof value === 'number' && context.source !== undefined && String(value) !== context.source
      ? json.rawJSON(context.source)
      : value,
  );
}

/** As JSON.stringify, with NOW printed as a raw NUL for the script that knows the time. */
export function stringifyWithServerTime(value: unknown): string {
  if (value === serverTimePlaceholder) return '\0';
  if (Array.isArray(value)) return `[${value.map((item) => stringifyWithServerTime(item ?? null)).join(',')}]`;
  if (!isObject(value) || isRawJson(value)) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => `${JSON.stringify(key)}:${stringifyWithServerTime(member)}`);
  return `{${members.join(',')}}`;
}

/** True for what JSON calls an object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Finds the members of the object that `text` is, without reading their values, so that a value can be copied or
 * replaced letter by letter. `text` must be valid JSON of an object; the last of equal keys counts, as in JSON.parse.
 */
export function memberSpans(text: string): Map<string, Span> {
  const spans = new Map<string, Span>();
  let at = skipSpace(text, text.indexOf('{') + 1);
  while (text[at] === '"') {
    const keyEnd = skipString(text, at);
    const key = String(JSON.parse(text.slice(at, keyEnd)));
    const start = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const end = skipValue(text, start);
    spans.set(key, { start, end });
    // Past the comma; at the closing brace the loop ends.
    at = skipSpace(text, skipSpace(text, end) + 1);
  }
  return spans;
}

/** True when nothing in it lies deeper than `limit`: what is read and printed by recursion must not use up the stack. */
export function isShallow(text: string, limit = 100): boolean {
  let depth = 0;
  let at = 0;
  while (at < text.length) {
    const letter = text[at];
    if (letter === '{' || letter === '[') depth++;
    if (letter === '}' || letter === ']') depth--;
    if (depth > limit) return false;
    at = letter === '"' ? skipString(text, at) : at + 1;
  }
  return true;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\t' || text[at] === '\r') at++;
  return at;
}

/** `from` is the opening quote; returns the place after the closing one. */
function skipString(text: string, from: number): number {
  let at = from + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    let slashes = 0;
    while (text[quote - 1 - slashes] === '\\') slashes++;
    at = quote + 1;
    if (slashes % 2 === 0) return at;
  }
}

function skipValue(text: string, from: number): number {
  if (text[from] === '"') return skipString(text, from);
  if (text[from] !== '{' && text[from] !== '[') return skipScalar(text, from);
  let depth = 0;
  let at = from;
  for (;;) {
    const letter = text[at];
    if (letter === '"') {
      at = skipString(text, at);
      continue;
    }
    if (letter === '{' || letter === '[') depth++;
    if (letter === '}' || letter === ']') depth--;
    at++;
    if (depth === 0) return at;
  }
}

function skipScalar(text: string, from: number): number {
  let at = from;
  while (at < text.length && !',}] \n\t\r'.includes(text.charAt(at))) at++;
  return at;
}
