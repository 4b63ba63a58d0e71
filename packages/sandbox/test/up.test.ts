import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { connectRedis } from '@shopee-webhook/store';
import { run as runCommand } from '../../cli/test/helpers.ts';
import { freePort } from '../src/index.ts';
import { runProduct } from '../src/up/run-product.ts';
import { runFakes } from '../src/up/run-fakes.ts';
import { at } from './shopee-caller.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const slow = { timeout: 90_000 };

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'up-test-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

async function ordersIn(sheetUrl: string): Promise<number> {
  const sheet: unknown = await (await fetch(`${sheetUrl}_sandbox/sheet`)).json();
  const tabs = at(sheet, 'tabs') as { title: string; records: unknown[] }[];
  return tabs.find(({ title }) => title === 'Orders')?.records.length ?? 0;
}

/** main.ts in an empty folder, with what it has printed so far. */
function run(env: Record<string, string>) {
  const cwd = folder();
  const child = spawn(process.execPath, [main], { cwd, env: { PATH: process.env['PATH'], ...env }, stdio: 'pipe' });
  const printed = { text: '' };
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (printed.text += String(chunk)));
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, printed, cwd };
}

describe('npm start', () => {
  it('without settings runs against the sandbox, prints where to look, and stops in order', slow, async () => {
    const ports = { FORWARDER_PORT: String(await freePort()), WORKER_PORT: String(await freePort()) };
    const { child, printed, cwd } = run(ports);
    await vi.waitFor(() => expect(printed.text).toContain('Ctrl-C stops everything'), { timeout: 40_000 });
    const urlOf = (name: string) => new RegExp(`${name} +(http://\\S+)`).exec(printed.text)?.[1] ?? '';
    expect(urlOf('Dashboard')).toBe(`http://127.0.0.1:${ports.FORWARDER_PORT}/dashboard`);
    for (const name of ['Sheet', 'Chat', 'Shopee']) expect((await fetch(urlOf(name))).status).toBe(200);
    const placed = await fetch(`${urlOf('Shopee')}_sandbox/orders?shop=700000001`, { method: 'POST' });
    expect(await placed.json()).toMatchObject({ pushes: [{ code: 3, state: 'delivered' }] });
    await vi.waitFor(async () => expect(await ordersIn(urlOf('Sheet'))).toBeGreaterThan(0), { timeout: 20_000 });

    child.kill('SIGINT');
    const [code] = (await once(child, 'close')) as [number];
    expect([code, printed.text.trim().split('\n').slice(-2)]).toEqual([0, ['stopping', 'stopped']]);
    await expect(fetch(urlOf('Sheet'))).rejects.toThrow(/fetch failed/);
    expect(statSync(join(cwd, 'data/sandbox/fakes/shopee.json')).size).toBeGreaterThan(100);
  });

  it('with a port that another program has names it and ends', slow, async () => {
    const FORWARDER_PORT = String(await freePort());
    const other = createServer().listen(Number(FORWARDER_PORT), '127.0.0.1');
    onTestFinished(() => void other.close());
    const { child, printed } = run({
      PARTNER_ID: '1',
      REDIS_ENABLED: 'false',
      HOST: '127.0.0.1',
      FORWARDER_PORT,
      WORKER_PORT: String(await freePort()),
    });
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(1);
    expect(printed.text).toContain(`port ${FORWARDER_PORT} is taken by`);
    expect(printed.text).not.toContain('shopee-webhook runs');
  });

  it('with settings that are wrong says so and ends', slow, async () => {
    const { child, printed } = run({
      PARTNER_ID: 'my app',
      REDIS_ENABLED: 'false',
      FORWARDER_PORT: String(await freePort()),
    });
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(1);
    expect(printed.text).toContain('PARTNER_ID');
    expect(printed.text).toContain('GOOGLE_CREDENTIALS_JSON');
  });
});

describe('the fakes in a process of their own', () => {
  it.each(['a "quoted" password', undefined])(
    'and the product with a Redis of its own meet over the network; REDIS_PASSWORD is %j',
    slow,
    async (password) => {
      const dir = folder();
      const said: string[] = [];
      const FORWARDER_PORT = String(await freePort());
      const WEBHOOK_URL = `http://127.0.0.1:${FORWARDER_PORT}/webhook/shopee`;
      const anyPorts = { SHOPEE_PORT: '0', GOOGLE_PORT: '0', TELEGRAM_PORT: '0' };
      const outside = { DATA_DIR: join(dir, 'outside'), WEBHOOK_TARGET_URL: WEBHOOK_URL, ...anyPorts };
      const fakes = await runFakes(outside, (line) => said.push(line));
      onTestFinished(() => fakes.stop());
      const [shopeeUrl = '', sheetUrl = '', chatUrl = ''] = said[0]?.match(/http:\/\/[^\s,]+/g) ?? [];
      const product = await runProduct(
        {
          PATH: process.env['PATH'],
          DATA_DIR: join(dir, 'data'),
          LOG_DIR: join(dir, 'logs'),
          FORWARDER_PORT,
          WORKER_PORT: String(await freePort()),
          REDIS_PASSWORD: password,
          WEBHOOK_URL,
          PARTNER_ID: '1000001',
          PARTNER_KEY: 'sandbox-partner-key',
          WEBHOOK_PARTNER_KEY: 'sandbox-push-key',
          SHOP_ID: '700000001',
          ACCESS_TOKEN: 'sandbox-access-token',
          REFRESH_TOKEN: 'sandbox-refresh-token',
          SHOPEE_API_URL: shopeeUrl,
          GOOGLE_CREDENTIALS_JSON: join(dir, 'outside', 'service-account.json'),
          GOOGLE_SHEETS_API_URL: sheetUrl,
          GOOGLE_TOKEN_URL: `${sheetUrl}token`,
          SPREADSHEET_ID: 'sandbox-spreadsheet',
          TELEGRAM_API_URL: chatUrl.slice(0, -1),
          TELEGRAM_BOT_TOKEN: '1000001:sandbox-bot-token',
          TELEGRAM_CHAT_ID: '-1001000000001',
        },
        (line) => said.push(line),
      );
      onTestFinished(() => product.stop());
      expect(said.join('\n')).toContain('shopee-webhook runs.');
      await fetch(`${shopeeUrl}_sandbox/orders?shop=700000001`, { method: 'POST' });
      await vi.waitFor(async () => expect(await ordersIn(sheetUrl)).toBeGreaterThan(0), { timeout: 20_000 });
      const health: unknown = await (await fetch(`http://127.0.0.1:${FORWARDER_PORT}/health`)).json();
      expect(at(health, 'checks', 'redis', 'status')).toBe('ok');
      expect(statSync(join(dir, 'data', 'redis-password.conf')).mode & 0o777).toBe(0o600);
      expect(statSync(join(dir, 'data')).mode & 0o777).toBe(0o700);
      const port = Number(readFileSync(join(dir, 'data', 'redis-port'), 'utf8'));
      const stranger = connectRedis({ host: '127.0.0.1', port });
      await expect(stranger.get('x')).rejects.toThrow('NOAUTH');
      stranger.disconnect();
      const made = password ?? readFileSync(join(dir, 'data', 'redis-password'), 'utf8').trim();
      expect(made.length).toBeGreaterThan(16);
      expect(readFileSync(join(dir, 'logs', 'worker.log'), 'utf8')).not.toContain(made);
      const status = await runCommand(['status'], {
        DATA_DIR: join(dir, 'data'),
        REDIS_PASSWORD: password,
        FORWARDER_PORT,
      });
      expect(status).toMatchObject({ code: 0, err: '' });
      await product.stop();
      expect(existsSync(join(dir, 'data', 'redis-port'))).toBe(false);
    },
  );
});
