import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** What of a service account's key file is used. */
export interface ServiceAccount {
  email: string;
  privateKey: string;
}

const KeyFile = z.object({
  type: z.literal('service_account', 'is not the key file of a service account'),
  client_email: z.string().min(3),
  private_key: z.string().includes('PRIVATE KEY', 'holds no private key'),
});

/**
 * Reads GOOGLE_CREDENTIALS_JSON: the path of a service account's key file, or the JSON itself, also in quotes or in base64.
 * Throws an error that names what is wrong and shows nothing of the value.
 */
export function readServiceAccount(pathOrJson: string): ServiceAccount {
  const value = withoutQuotes(pathOrJson);
  const parsed = KeyFile.safeParse(parseJson(inlineJson(value) ?? readKeyFile(value)));
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the text'}: ${issue.message}`);
    throw new Error(`GOOGLE_CREDENTIALS_JSON ${faults.join('; ')}`);
  }
  // In a .env file the key's line ends are often left as the two characters \n.
  return { email: parsed.data.client_email, privateKey: parsed.data.private_key.replaceAll('\\n', '\n') };
}

/** Without the byte order mark, blanks and quotes that editors, shells and .env files put around a value. */
function withoutQuotes(value: string): string {
  const bare = value.replace(/^\uFEFF/, '').trim();
  const quote = bare[0];
  if (bare.length < 2 || (quote !== '"' && quote !== "'") || !bare.endsWith(quote)) return bare;
  const inner = bare.slice(1, -1);
  // Quoted as a JSON string, with its own quotes escaped.
  return withoutQuotes(inner.startsWith('{\\"') ? String(parseJson(bare)) : inner);
}

/** The JSON itself, as it is or in base64; undefined for a path. */
function inlineJson(value: string): string | undefined {
  if (value.startsWith('{')) return value;
  const decoded = Buffer.from(value, 'base64').toString('utf8');
  return decoded.trimStart().startsWith('{') ? decoded : undefined;
}

function readKeyFile(path: string): string {
  let code: string;
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  }
  // Neither the path nor the error, which repeats it: what was taken for a path may be the key.
  throw new Error(`GOOGLE_CREDENTIALS_JSON is neither a key file that can be read (${code}) nor its JSON`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which holds a key.
    throw new Error('GOOGLE_CREDENTIALS_JSON is not JSON');
  }
}
