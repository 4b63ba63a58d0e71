export interface JsonToken {
  kind: 'key' | 'string' | 'number' | 'literal' | 'punctuation' | 'space';
  text: string;
}

const pattern = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d[\d.eE+-]*)|(true|false|null)|([{}[\],:])|\s+|(.)/gs;

/**
 * Pretty-printed JSON as tokens. Tokens are the text's own: numbers beyond 2^53 and repeated keys stay as they were sent, which
 * parsing would not preserve. Text that is not JSON is tokenized just the same.
 */
export function jsonTokens(text: string): JsonToken[] {
  const tokens: JsonToken[] = [];
  let depth = 0;
  let opened = false;
  const newLine = (): void => void tokens.push({ kind: 'space', text: `\n${'  '.repeat(depth)}` });
  for (const [whole, string, colon, number, literal, punctuation, other] of text.matchAll(pattern)) {
    const closes = punctuation === '}' || punctuation === ']';
    if (whole.trim() === '') continue;
    if (closes) {
      depth = Math.max(0, depth - 1);
      if (!opened) newLine();
    } else if (opened) newLine();
    opened = false;
    if (string !== undefined) {
      tokens.push({ kind: colon === undefined ? 'string' : 'key', text: string });
      if (colon !== undefined) tokens.push({ kind: 'punctuation', text: ': ' });
    } else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (literal !== undefined) tokens.push({ kind: 'literal', text: literal });
    else if (punctuation !== undefined) {
      tokens.push({ kind: 'punctuation', text: punctuation });
      if (punctuation === ',') newLine();
      if (punctuation === '{' || punctuation === '[') {
        depth += 1;
        opened = true;
      }
    } else tokens.push({ kind: 'punctuation', text: other ?? whole });
  }
  return tokens;
}
