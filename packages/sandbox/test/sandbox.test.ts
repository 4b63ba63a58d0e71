import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createSandbox, type Sandbox, type SandboxOptions } from '../src/index.ts';
import { at } from './shopee-caller.ts';

const open: Sandbox[] = [];
const slow = { timeout: 180_000 };

async function start(options: SandboxOptions): Promise<Sandbox> {
  const sandbox = await createSandbox(options);
  open.push(sandbox);
  return sandbox;
}

afterEach(async () => {
  for (const sandbox of open.splice(0)) await sandbox.stop();
}, 30_000);

async function statusesInSheet(sandbox: Sandbox): Promise<Map<unknown, unknown>> {
  const sheet: unknown = await (await fetch(`${sandbox.google.url}_sandbox/sheet`)).json();
  const tabs = at(sheet, 'tabs') as { title: string; records: Record<string, unknown>[] }[];
  const orders = tabs.find(({ title }) => title === 'Orders')?.records ?? [];
  return new Map(orders.map((row) => [row['Order SN'], row['Status']]));
}

/** Leads an order of each of two shops to PROCESSED; resolves with what the sheet says when the chat has heard of it too. */
async function runOrders(sandbox: Sandbox): Promise<unknown[]> {
  const { shopee } = sandbox;
  const sns = [700_000_001, 700_000_002].map((shopId) => shopee.orders.place(shopId).record.sn);
  for (const sn of sns) {
    while (shopee.orders.find(sn)?.status !== 'PROCESSED') await shopee.sendPushes(shopee.orders.advance(sn));
  }
  const inSheet = async () => {
    const statuses = await statusesInSheet(sandbox);
    return sns.map((sn) => statuses.get(sn));
  };
  // After kill −9 of a worker the sheet's lock ends by itself, after half a minute.
  await vi.waitFor(async () => expect(await inSheet()).toEqual(['PROCESSED', 'PROCESSED']), {
    timeout: 60_000,
    interval: 200,
  });
  await vi.waitFor(() => expect(sandbox.telegram.messages().length).toBeGreaterThan(0), { timeout: 20_000 });
  return inSheet();
}

const processed = ['PROCESSED', 'PROCESSED'];

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // ESRCH: it is gone
  }
}

describe('the sandbox', () => {
  it('runs the whole product in one process', slow, async () => {
    const sandbox = await start({ services: 'in-process' });
    expect(await runOrders(sandbox)).toEqual(processed);
    expect(new Set(sandbox.shopee.pushes.records.map(({ state }) => state))).toEqual(new Set(['delivered']));
  });

  it('runs the real services as processes of their own, which can be killed and started again', slow, async () => {
    const sandbox = await start({ services: 'processes' });
    expect(await runOrders(sandbox)).toEqual(processed);
    await sandbox.worker?.kill();
    expect(sandbox.worker?.pid).toBeUndefined();
    await sandbox.redis?.kill();
    await sandbox.restartRedis();
    await sandbox.worker?.start();
    expect(await runOrders(sandbox)).toEqual(processed);
  });

  it('runs without Redis', slow, async () => {
    const sandbox = await start({ services: 'in-process', redis: false });
    expect(sandbox.redis).toBeUndefined();
    expect(await runOrders(sandbox)).toEqual(processed);
  });

  it('goes on where it was stopped', slow, async () => {
    const dir = mkdtempSync(join(tmpdir(), 'sandbox-test-'));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    const stateDir = join(dir, 'state');
    const first = await start({ dir, stateDir, services: 'none' });
    const { sn } = first.shopee.orders.place(700_000_001).record;
    first.google.spreadsheet().addSheet({ id: 5, rowCount: 10, columnCount: 2, fields: { title: 'Mine' } });
    // Not at the next round, but before the pair is handed out.
    const pair = first.shopee.tokens.refresh(
      first.shopee.issueTokens(700_000_001).refreshToken,
      'shop:700000001',
      true,
    );
    expect(readFileSync(join(stateDir, 'shopee.json'), 'utf8')).toContain(pair.refreshToken);
    const chatId = first.telegram.chats()[0]?.id;
    await first.stop();
    const second = await start({ dir, stateDir, services: 'none' });
    expect(second.shopee.orders.find(sn)).toMatchObject({ status: expect.any(String) });
    expect(JSON.stringify(second.google.state())).toContain('Mine');
    expect(second.telegram.chats()[0]?.id).toBe(chatId);
    expect(second.google.credentials.private_key).toBe(first.google.credentials.private_key);
  });

  it('closes what it opened when a part does not start', slow, async () => {
    await expect(createSandbox({ services: 'in-process', env: { PARTNER_ID: 'none' } })).rejects.toThrow(/PARTNER_ID/);
  });

  it('takes its processes along when it is killed', slow, async () => {
    const dir = mkdtempSync(join(tmpdir(), 'sandbox-test-'));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const index = fileURLToPath(new URL('../src/index.ts', import.meta.url));
    const code = `import { createSandbox } from ${JSON.stringify(index)};
      const { worker, redis } = await createSandbox({ dir: ${JSON.stringify(dir)}, services: 'processes' });
      console.log(JSON.stringify([worker.pid, redis.process.pid]));`;
    const stdio = ['ignore', 'pipe', 'inherit'] as const;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: [...stdio] });
    const line = await new Promise<string>((resolve, reject) => {
      child.once('exit', (exitCode) => reject(new Error(`ended with ${exitCode}`)));
      if (child.stdout !== null) createInterface({ input: child.stdout }).once('line', resolve);
    });
    const pids = JSON.parse(line) as number[];
    expect(pids.map(isAlive)).toEqual([true, true]);
    child.kill('SIGKILL');
    await vi.waitFor(() => expect(pids.map(isAlive)).toEqual([false, false]), { timeout: 40_000 });
  });
});
