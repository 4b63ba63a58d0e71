import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import { freePort } from '../../sandbox/src/processes/redis-server.ts';
import { serviceTuning } from '../../sandbox/src/processes/service-tuning.ts';
import { environment, orderPush, post, runForwarder, sign } from './helpers.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const children: ChildProcess[] = [];
const sockets: Socket[] = [];
const timers: NodeJS.Timeout[] = [];
afterEach(() => {
  for (const timer of timers.splice(0)) clearInterval(timer);
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

async function spawnForwarder() {
  const port = await freePort();
  const env = {
    PATH: process.env['PATH'],
    ...serviceTuning('forwarder'),
    ...environment(undefined, { FORWARDER_PORT: String(port) }),
  };
  const child = spawn(process.execPath, [main], { env, stdio: 'pipe' });
  children.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await vi.waitFor(() => expect(output).toContain('forwarder started'), { timeout: 30_000, interval: 20 });
  return { port, url: `http://127.0.0.1:${String(port)}`, pid: child.pid ?? 0 };
}

/** A client that announces a body, sends a part of it, and stops. */
async function announce(port: number, authorization: string | undefined, sent: number) {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  let response = '';
  socket.on('data', (data: Buffer) => (response += data.toString()));
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  const header = authorization === undefined ? '' : `Authorization: ${authorization}\r\n`;
  socket.write(`POST /webhook/shopee HTTP/1.1\r\nHost: x\r\n${header}Content-Length: 1048576\r\n\r\n`);
  socket.write(Buffer.alloc(sent, 'x'));
  return { socket, response: () => response };
}

function anonymousMegabytes(pid: number): number {
  return Number(/RssAnon:\s+(\d+) kB/.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1]) / 1024;
}

/** The most that a process held from now until `peak` is asked. */
function watchMemory(pid: number) {
  let peak = 0;
  const timer = setInterval(() => (peak = Math.max(peak, anonymousMegabytes(pid))), 20);
  timers.push(timer);
  return { peak: () => Math.max(peak, anonymousMegabytes(pid)) };
}

test(
  '220 unsigned megabytes are rejected by their headers, and genuine pushes get their 200 meanwhile',
  { timeout: 120_000 },
  async () => {
    const { port, url, pid } = await spawnForwarder();
    const memory = watchMemory(pid);
    const clients = await Promise.all(Array.from({ length: 220 }, () => announce(port, undefined, 1_048_000)));
    for (let n = 0; n < 10; n += 1) expect((await post(url, orderPush(`G${String(n)}`))).status).toBe(200);
    // A client that still sends may see its connection reset before it has read the response.
    await vi.waitFor(() => expect(clients.every(({ socket }) => socket.closed)).toBe(true), { timeout: 20_000 });
    expect(clients.some(({ response }) => response().startsWith('HTTP/1.1 401'))).toBe(true);
    expect(memory.peak()).toBeLessThan(200);
  },
);

test(
  'bodies with a forged signature that stop short are bounded, and cut off after 10 s',
  { timeout: 120_000 },
  async () => {
    const { port, url, pid } = await spawnForwarder();
    const startedAt = performance.now();
    const memory = watchMemory(pid);
    const clients = await Promise.all(Array.from({ length: 220 }, () => announce(port, 'f'.repeat(64), 1_000_000)));
    for (let n = 0; n < 10; n += 1) expect((await post(url, orderPush(`G${String(n)}`))).status).toBe(200);
    await vi.waitFor(() => expect(clients.every(({ socket }) => socket.closed)).toBe(true), { timeout: 60_000 });
    // 10 s, checked every 2 s; the rest is a busy machine's.
    expect(performance.now() - startedAt).toBeLessThan(25_000);
    expect(clients.some(({ response }) => response().startsWith('HTTP/1.1 503'))).toBe(true);
    expect(memory.peak()).toBeLessThan(200);
  },
);

test('whole bodies with a forged signature, one after another, are bounded, too', { timeout: 120_000 }, async () => {
  const { url, pid } = await spawnForwarder();
  const memory = watchMemory(pid);
  const statuses = new Set<number>();
  const body = Buffer.alloc(1_048_000, 'x');
  const attack = async () => {
    for (let n = 0; n < 12; n += 1) {
      const response = await fetch(`${url}/webhook/shopee`, {
        method: 'POST',
        headers: { authorization: 'f'.repeat(64) },
        body,
      }).catch(() => undefined);
      if (response !== undefined) statuses.add(response.status);
    }
  };
  await Promise.all(Array.from({ length: 40 }, attack));
  expect((await post(url, orderPush('GENUINE'))).status).toBe(200);
  expect(statuses).toContain(401);
  expect(memory.peak()).toBeLessThan(200);
});

test('without a signature no more than 1 KiB is read, however it is sent', async () => {
  const { forwarder } = await runForwarder(environment(undefined));
  const send = (payload: string, headers: Record<string, string> = {}) =>
    forwarder.app.inject({ method: 'POST', url: '/webhook/shopee', payload, headers });
  for (const authorization of ['', 'Bearer x', 'f'.repeat(63)]) {
    const { statusCode, headers, rawPayload } = await send('x'.repeat(2_000), { authorization });
    expect([statusCode, headers.connection, rawPayload.length]).toEqual([401, 'close', 0]);
  }
  expect((await send('x'.repeat(2_000), { authorization: 'f'.repeat(64) })).statusCode).toBe(401);
  const chunked = await fetch(`${forwarder.url}/webhook/shopee`, {
    method: 'POST',
    body: new Blob(['x'.repeat(2_000)]).stream(),
    duplex: 'half',
  });
  expect(chunked.status).toBe(401);
  const body = orderPush('CHUNKED');
  const genuine = await fetch(`${forwarder.url}/webhook/shopee`, {
    method: 'POST',
    headers: { authorization: sign(body) },
    body: new Blob([body]).stream(),
    duplex: 'half',
  });
  expect(genuine.status).toBe(200);
  await forwarder.stop();
});

test('six forged requests raise no alert where genuine pushes come in', { timeout: 30_000 }, async () => {
  const env = environment(undefined);
  mkdirSync(env['DATA_DIR'] ?? '', { recursive: true });
  const minute = Math.floor(Date.now() / 60_000) - 5;
  writeFileSync(
    join(env['DATA_DIR'] ?? '', 'response-stats.json'),
    JSON.stringify([{ minute, counts: { queued: 3 } }]),
  );
  const { forwarder, log } = await runForwarder(env);
  for (let n = 0; n < 6; n += 1) {
    const response = await fetch(`${forwarder.url}/webhook/shopee`, {
      method: 'POST',
      headers: { authorization: 'f'.repeat(64) },
      body: orderPush(`FORGED${String(n)}`),
    });
    expect(response.status).toBe(401);
  }
  const alerts = () => log.lines.filter(({ alert }) => alert === 'pushes-rejected' || alert === 'forged-requests');
  await vi.waitFor(() => expect(alerts()).toHaveLength(1), { timeout: 10_000 });
  expect(alerts()).toMatchObject([{ alert: 'forged-requests', msg: 'alert' }]);
  await forwarder.stop();
});

test('unsigned requests make one line a minute, and are listed apart', async () => {
  const { forwarder, log } = await runForwarder(environment(undefined));
  for (let n = 0; n < 20; n += 1) {
    await fetch(`${forwarder.url}/webhook/shopee`, { method: 'POST', body: '{}' });
  }
  await forwarder.stop();
  const lines = log.lines.filter(({ msg }) => String(msg).includes('rejected'));
  expect(lines).toMatchObject([{ msg: 'unsigned requests rejected', requests: 20, addresses: 1 }]);
});
