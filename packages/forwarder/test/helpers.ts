import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createLogger, type Logger } from '@shopee-webhook/runtime';
import { connectRedis, buildKeys, type Keys, type RedisConnection } from '@shopee-webhook/store';
import { afterAll } from 'vitest';
import { createForwarder, loadConfig, type Forwarder, type ForwarderConfig } from '../src/index.ts';

export const pushKey = 'test-push-key';
export const partnerKey = 'test-partner-key';
export const callbackUrl = 'https://shop.example/webhook/shopee';

const dirs: string[] = [];
// Registered before any hook of the file that imports this, so it runs after all of them.
afterAll(() => {
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
});

/** A fresh folder, removed after the file's tests. */
export function createTempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'shopee-webhook-forwarder-'));
  dirs.push(dir);
  return dir;
}

export interface TestLog {
  logger: Logger;
  lines: Record<string, unknown>[];
}

/** A logger that keeps its lines. */
export function testLog(): TestLog {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>);
  return { logger: createLogger({ name: 'forwarder', level: 'debug', destination: { write } }), lines };
}

/** The environment of a forwarder on loopback with its own folders and keys. */
export function environment(redisPort: number | undefined, more: Record<string, string> = {}): Record<string, string> {
  const dir = createTempDir();
  return {
    PARTNER_ID: '1000001',
    PARTNER_KEY: partnerKey,
    WEBHOOK_PARTNER_KEY: pushKey,
    WEBHOOK_URL: callbackUrl,
    FORWARD_WEBHOOK_URL: 'http://127.0.0.1:1/webhook/process',
    ...(redisPort === undefined
      ? { REDIS_ENABLED: 'false' }
      : { REDIS_HOST: '127.0.0.1', REDIS_PORT: String(redisPort) }),
    REDIS_KEY_PREFIX: `t${randomUUID()}`,
    HOST: '127.0.0.1',
    FORWARDER_PORT: '0',
    DATA_DIR: join(dir, 'data'),
    LOG_DIR: join(dir, 'logs'),
    ...more,
  };
}

export interface TestForwarder {
  forwarder: Forwarder;
  config: ForwarderConfig;
  log: TestLog;
  keys: Keys;
}

/** A forwarder that runs in this process. */
export async function runForwarder(env: Record<string, string>): Promise<TestForwarder> {
  const config = loadConfig(env);
  const log = testLog();
  const forwarder = await createForwarder(config, { logger: log.logger });
  await forwarder.start();
  return { forwarder, config, log, keys: buildKeys(config.redis.keyPrefix) };
}

export function redisOf(port: number): RedisConnection {
  return connectRedis({ host: '127.0.0.1', port });
}

export function sign(body: string | Uint8Array, options: { key?: string; url?: string } = {}): string {
  const { key = pushKey, url = callbackUrl } = options;
  return createHmac('sha256', key).update(`${url}|`).update(body).digest('hex');
}

/** A push as Shopee would send it about this order. */
export function orderPush(sn: string, status = 'READY_TO_SHIP', updateTime = 1_788_220_800): string {
  return JSON.stringify({
    data: { items: [], ordersn: sn, status, completed_scenario: '', update_time: updateTime },
    shop_id: 700_000_001,
    code: 3,
    timestamp: updateTime + 1,
  });
}

/** Sends a signed push without a network in between. */
export function inject(forwarder: Forwarder, body: string | Uint8Array, headers: Record<string, string> = {}) {
  return forwarder.app.inject({
    method: 'POST',
    url: '/webhook/shopee',
    headers: { authorization: sign(body), 'content-type': 'application/json', ...headers },
    payload: Buffer.from(body),
  });
}

/** Sends a signed push over HTTP; the status, and the time it took. */
export async function post(url: string, body: string): Promise<{ status: number; ms: number }> {
  const startedAt = performance.now();
  const response = await fetch(`${url}/webhook/shopee`, {
    method: 'POST',
    headers: { authorization: sign(body) },
    body,
  });
  await response.arrayBuffer();
  return { status: response.status, ms: performance.now() - startedAt };
}

export interface Received {
  id: string;
  payload: { data: { ordersn: string } };
  metadata: Record<string, unknown>;
}

/** A worker's HTTP side: stores what it receives and responds as the test says. */
export async function startWorker(
  respond: (message: Received, times: number) => { status: number; body: unknown } | 'hang' | 'crash',
) {
  const received: Received[] = [];
  const state = { unsigned: 0, respond };
  const server = createServer((request, response) => {
    const respond = async () => {
      // What the dashboard asks the worker for goes to other addresses.
      if (request.method !== 'POST' || request.url !== '/webhook/process') {
        response.writeHead(404).end();
        return;
      }
      const body = await readBody(request);
      if (!isSigned(request, body)) {
        state.unsigned += 1;
        response.writeHead(401).end();
        return;
      }
      const message = JSON.parse(body) as Received;
      received.push(message);
      const times = received.filter(({ id }) => id === message.id).length;
      const what = state.respond(message, times);
      if (what === 'hang') return;
      if (what === 'crash') {
        server.closeAllConnections();
        return;
      }
      response.writeHead(what.status, { 'content-type': 'application/json' }).end(JSON.stringify(what.body));
    };
    void respond();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return {
    url: `http://127.0.0.1:${String(address.port)}/webhook/process`,
    received,
    state,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export const handled = { status: 200, body: { outcome: 'handled' } };

/** A notification as the worker responds with it. */
export function handledWith(message: Received) {
  const notification = { kind: 'event', messageId: message.id, code: 3, at: 1, pushText: '{}', source: 'push' };
  return { status: 200, body: { outcome: 'handled', notification } };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function isSigned(request: IncomingMessage, body: string): boolean {
  const timestamp = String(request.headers['x-forwarder-timestamp']);
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) return false;
  const expected = createHmac('sha256', partnerKey).update(`forwarder|${timestamp}|${body}`).digest('hex');
  return request.headers['x-forwarder-signature'] === expected;
}

/** How many events wait in the spool, as its file says. */
export function spoolDepth({ config }: TestForwarder): number {
  const db = new DatabaseSync(join(config.dataDir, 'spool.db'), { readOnly: true });
  try {
    return Number(db.prepare('SELECT count(*) AS waiting FROM events').get()?.['waiting']);
  } finally {
    db.close();
  }
}
