import { hkdfSync, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readJsonFile, writeJsonFile, type Logger } from '@shopee-webhook/runtime';
import { z } from 'zod';

const File = z.object({ key: z.base64().length(44) });

/**
 * The key that encrypts and signs the session cookies: derived from DATA_DIR/secrets/session-key.json, which backups leave
 * out, and the password's hash, so that a new password ends all sessions.
 */
export async function loadSessionKey(options: {
  dataDir: string;
  passwordHash: string;
  logger: Logger;
}): Promise<Buffer<ArrayBuffer>> {
  const { dataDir, passwordHash, logger } = options;
  const path = join(dataDir, 'secrets', 'session-key.json');
  let key = (await readJsonFile(path, File))?.key;
  if (key === undefined) {
    key = randomBytes(32).toString('base64');
    await writeJsonFile(path, { key }).catch((err: unknown) => {
      // A full disk is no reason not to start: pushes must be accepted all the same.
      logger.error({ err }, 'session key not saved; sessions end with the process');
    });
  }
  return Buffer.from(hkdfSync('sha256', Buffer.from(key, 'base64'), passwordHash, 'dashboard session', 32));
}
