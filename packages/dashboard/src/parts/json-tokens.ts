export interface JsonToken {
  kind: 'key' | 'string' | 'number' | 'word' | 'sign' | 'space';
  text: string;
}

const pattern = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d[\d.eE+-]*)|(true|false|null)|([{}[\],:])|\s+|(.)/gs;

/**
 * JSON text laid out for reading, in pieces by kind. The pieces are the text's own: numbers beyond 2^53 and repeated keys
 * stay as they were sent, which parsing would not do. Text that is no JSON comes back in pieces just the same.
 */
export function jsonTokens(text: string): JsonToken[] {
  const tokens: JsonToken[] = [];
  let depth = 0;
  let opened = false;
  const newLine = (): void => void tokens.push({ kind: 'space', text: `\n${'  '.repeat(depth)}` });
  for (const [whole, string, colon, number, word, sign, other] of text.matchAll(pattern)) {
    const closes = sign === '}' || sign === ']';
    if (whole.trim() === '') continue;
    if (closes) {
      depth = Math.max(0, depth - 1);
      if (!opened) newLine();
    } else if (opened) newLine();
    opened = false;
    if (string !== undefined) {
      tokens.push({ kind: colon === undefined ? 'string' : 'key', text: string });
      if (colon !== undefined) tokens.push({ kind: 'sign', text: ': ' });
    } else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else if (sign !== undefined) {
      tokens.push({ kind: 'sign', text: sign });
      if (sign === ',') newLine();
      if (sign === '{' || sign === '[') {
        depth += 1;
        opened = true;
      }
    } else tokens.push({ kind: 'sign', text: other ?? whole });
  }
  return tokens;
}
