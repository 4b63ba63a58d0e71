import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeyPairSync } from 'node:crypto';
import { createForwarder, loadConfig as loadForwarderConfig } from '../../packages/forwarder/src/index.ts';
import { createLogger } from '../../packages/runtime/src/index.ts';
import { createWorker, loadConfig as loadWorkerConfig } from '../../packages/worker/src/index.ts';

export const services = ['forwarder', 'worker'] as const;

/** Where a service's description lies in the repository. */
export function openApiFile(service: (typeof services)[number]): URL {
  return new URL(`../../docs/openapi-${service}.json`, import.meta.url);
}

/** A service's OpenAPI description as its GET /docs/json gives it, as the text of the file. Nothing is started. */
export async function openApiText(service: (typeof services)[number]): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'shopee-webhook-openapi-'));
  const env = environment(dir);
  const logger = createLogger({ name: service, level: 'silent' });
  const built =
    service === 'forwarder'
      ? await createForwarder(loadForwarderConfig(env), { logger })
      : await createWorker(loadWorkerConfig(env), { logger });
  const response = await built.app.inject('/docs/json');
  await built.stop();
  rmSync(dir, { recursive: true });
  return `${JSON.stringify(response.json(), null, 2)}\n`;
}

/** Enough to build a service, and nothing that a file could give away. */
function environment(dir: string): Record<string, string> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const account = {
    type: 'service_account',
    client_email: 'nobody@example.iam.gserviceaccount.com',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  };
  return {
    PARTNER_ID: '1',
    PARTNER_KEY: 'key',
    WEBHOOK_PARTNER_KEY: 'key',
    FORWARD_WEBHOOK_URL: 'http://127.0.0.1:1/webhook/process',
    GOOGLE_CREDENTIALS_JSON: JSON.stringify(account),
    SPREADSHEET_ID: 'sheet',
    REDIS_ENABLED: 'false',
    DATA_DIR: join(dir, 'data'),
    LOG_DIR: join(dir, 'logs'),
  };
}
