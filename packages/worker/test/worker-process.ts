import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished, vi } from 'vitest';
import { freePort } from '../../sandbox/src/index.ts';
import { soon, type World } from './world.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** A worker in a process of its own, in the world of a test. */
export interface WorkerProcess {
  child: ChildProcess;
  url: string;
  /** Its exit code, or the signal that ended it. */
  end: Promise<number | NodeJS.Signals>;
}

export async function startWorkerProcess({ config, google }: World): Promise<WorkerProcess> {
  const port = await freePort();
  const { address, keyPrefix } = config.redis ?? {};
  const env = {
    PATH: process.env['PATH'],
    PARTNER_ID: config.partner.id,
    PARTNER_KEY: config.partner.key,
    SHOPEE_API_URL: config.shopeeUrl,
    REDIS_HOST: address?.host,
    REDIS_PORT: String(address?.port),
    REDIS_KEY_PREFIX: keyPrefix,
    REDIS_ALLOW_UNSAFE: 'true',
    GOOGLE_CREDENTIALS_JSON: JSON.stringify(google.credentials),
    GOOGLE_SHEETS_API_URL: google.url,
    GOOGLE_TOKEN_URL: google.tokenUrl,
    SPREADSHEET_ID: google.spreadsheetId,
    DATA_DIR: config.dataDir,
    WORKER_ID: config.workerId,
    WORKER_PORT: String(port),
    HOST: '127.0.0.1',
    SCHEDULED_JOBS: 'false',
  };
  const child = spawn(process.execPath, [main], { env, stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  const end = once(child, 'exit').then(([code, signal]) => (signal ?? code) as number | NodeJS.Signals);
  const url = `http://127.0.0.1:${String(port)}`;
  await vi.waitFor(() => fetch(`${url}/workers/stats`), soon);
  return { child, url, end };
}
