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
 * Reads GOOGLE_CREDENTIALS_JSON: the path of a service account's key file, or the JSON itself.
 * Throws an error that names what is wrong and shows nothing of the key.
 */
export function readServiceAccount(pathOrJson: string): ServiceAccount {
  const inline = pathOrJson.trimStart().startsWith('{');
  const text = inline ? pathOrJson : readKeyFile(pathOrJson);
  const parsed = KeyFile.safeParse(parseJson(text));
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the text'}: ${issue.message}`);
    throw new Error(`GOOGLE_CREDENTIALS_JSON ${faults.join('; ')}`);
  }
  // In a .env file the key's line ends are often left as the two characters \n.
  return { email: parsed.data.client_email, privateKey: parsed.data.private_key.replaceAll('\\n', '\n') };
}

function readKeyFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Error(`GOOGLE_CREDENTIALS_JSON names a file that cannot be read: ${path}`, { cause });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which holds a key.
    throw new Error('GOOGLE_CREDENTIALS_JSON is not JSON');
  }
}
