import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Telegram } from '@shopee-webhook/sandbox';
import type { Random } from '../load/random.ts';
import type { Service } from '../stack/service.ts';
import type { Stack } from '../stack/stack.ts';
import type { OrderLoad } from '../load/order-load.ts';

type TelegramMessage = ReturnType<Telegram['messages']>[number];

export interface FaultContext {
  stack: Stack;
  load: OrderLoad;
  random: Random;
  /** A folder on a small file system of its own for the forwarder's spool; undefined where none can be mounted. */
  smallDisk: string | undefined;
  /** Messages that were sent and that were deleted with their topic by a user. */
  deletedMessages: TelegramMessage[];
}

/** Injects the fault and removes it again. */
export type FaultKind = (context: FaultContext) => Promise<void>;

const seconds = 1_000;
const minuteMs = 60_000;

/** Every fault that the run injects, by name. */
export const faultKinds: Record<string, FaultKind> = {
  'kill forwarder': async ({ stack, random }) => {
    await stack.forwarder.kill();
    await sleep(random.between(0.1, 1.5) * seconds);
    await stack.forwarder.start();
  },
  'kill worker': async ({ stack, random }) => {
    const worker = random.pick(stack.workers);
    await worker.kill();
    await sleep(random.between(0.1, 3) * seconds);
    await worker.start();
  },
  'kill redis': async ({ stack, random }) => {
    await stack.killRedis();
    await sleep(random.between(0.2, 3) * seconds);
    await stack.startRedis();
  },
  'freeze forwarder': ({ stack, random }) => freeze(stack.forwarder, random.between(0.5, 4) * seconds),
  'freeze worker': ({ stack, random }) => freeze(random.pick(stack.workers), random.between(2, 9) * seconds),
  // Longer than the lease: another consumer gets its messages, and the thawed one still has them in flight.
  'freeze worker past its lease': ({ stack, random }) => freeze(random.pick(stack.workers), 18 * seconds),
  'freeze redis': async ({ stack, random }) => {
    stack.redis?.process.kill('SIGSTOP');
    await sleep(random.between(0.6, 3) * seconds);
    stack.redis?.process.kill('SIGCONT');
  },
  'redis full': ({ stack, random }) =>
    withRedis(stack, async (redis) => {
      await redis.config('SET', 'maxmemory', '1mb');
      await sleep(random.between(0.5, 3) * seconds);
      await redis.config('SET', 'maxmemory', '256mb');
    }),
  'redis read-only': ({ stack, random }) =>
    withRedis(stack, async (redis) => {
      await redis.replicaof('127.0.0.1', '1');
      await sleep(random.between(0.5, 2) * seconds);
      await redis.replicaof('NO', 'ONE');
    }),
  'redis slow': ({ stack, random }) =>
    withRedis(stack, async (redis) => {
      await redis.client('PAUSE', Math.round(random.between(300, 900)), 'WRITE');
    }),
  'worker and redis down': async ({ stack, random }) => {
    await Promise.all([stack.killRedis(), ...stack.workers.map((worker) => worker.kill())]);
    await sleep(random.between(1, 3) * seconds);
    await Promise.all([stack.startRedis(), ...stack.workers.map((worker) => worker.start())]);
  },
  'disk full and redis down': async ({ stack, random, smallDisk }) => {
    if (smallDisk === undefined) return;
    const filler = join(smallDisk, 'filler');
    await stack.killRedis();
    fillDisk(filler);
    await sleep(random.between(1, 2.5) * seconds);
    rmSync(filler, { force: true });
    await sleep(0.5 * seconds);
    await stack.startRedis();
  },

  'clock forward 10 min': (context) => stepClock(context, 10 * minuteMs),
  'clock back 10 min': (context) => stepClock(context, -10 * minuteMs),
  'clock forward a day': (context) => stepClock(context, 1_440 * minuteMs),
  'clock back a day': (context) => stepClock(context, -1_440 * minuteMs),
  // Four processes more than a small server has cores.
  'cpu starved': async ({ random }) => {
    const busy = Array.from({ length: 4 }, () => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
    await sleep(random.between(2, 6) * seconds);
    for (const child of busy) child.kill('SIGKILL');
  },

  'sheets 429': ({ stack, random }) => addGoogleFault(stack, { kind: '429', times: random.integer(1, 2) }),
  'sheets 503 applied': ({ stack }) => addGoogleFault(stack, { kind: '503-applied', on: 'write' }),
  'sheets 503 not applied': ({ stack, random }) =>
    addGoogleFault(stack, { kind: '503-not-applied', times: random.integer(1, 3) }),
  'sheets reset after apply': ({ stack }) => addGoogleFault(stack, { kind: 'reset-after-apply', on: 'write' }),
  'sheets hang, applied late': ({ stack, random }) =>
    addGoogleFault(stack, {
      kind: 'hang-then-applied-late',
      on: 'write',
      ms: Math.round(random.between(1_000, 5_500)),
    }),
  'sheets html 408': ({ stack }) => addGoogleFault(stack, { kind: 'html-408' }),
  'sheets token rejected': ({ stack }) => addGoogleFault(stack, { kind: '401' }),

  'user sorts': async ({ stack, random }) => {
    const tab = random.pick(['Orders', 'Items']);
    const column = random.pick(tab === 'Items' ? ['Order SN', 'Status'] : ['Order SN', 'Status', 'Updated']);
    editSheet(stack, { kind: 'sort', tab, column, descending: random.next() < 0.5 });
  },
  'user sorts under a write': async ({ stack, random }) => {
    stack.google.beforeNextWrite({ kind: 'sort', tab: 'Orders', column: 'Order SN', descending: random.next() < 0.5 });
  },
  'user inserts rows': async ({ stack, random }) => {
    editSheet(stack, {
      kind: 'insert-rows',
      tab: random.pick(['Orders', 'Items']),
      at: random.integer(2, 40),
      count: 2,
    });
  },
  'user moves rows': async ({ stack, random }) => {
    editSheet(stack, {
      kind: 'move-rows',
      tab: 'Orders',
      at: random.integer(2, 20),
      count: 3,
      to: random.integer(30, 60),
    });
  },
  'user deletes an order': async ({ stack, load }) => {
    // One that Shopee will still push: its row has to return.
    const rows = readRows(stack, 'Orders');
    const at = rows.findIndex((record) => load.hasMorePushes(String(record['Order SN'])));
    if (at >= 0) editSheet(stack, { kind: 'delete-rows', tab: 'Orders', at: at + 2 });
  },

  'shopee 500': ({ stack, random }) => addShopeeFault(stack, { kind: 'http-500', times: random.integer(1, 4) }),
  'shopee html 502': ({ stack, random }) => addShopeeFault(stack, { kind: 'html-502', times: random.integer(1, 4) }),
  'shopee rate limit': ({ stack, random }) =>
    addShopeeFault(stack, { kind: 'rate-limit', times: random.integer(1, 6) }),
  'shopee hangs': ({ stack }) => addShopeeFault(stack, { kind: 'hang' }),
  'shopee resets': ({ stack, random }) => addShopeeFault(stack, { kind: 'reset', times: random.integer(1, 3) }),
  'shopee token revoked': ({ stack }) => addShopeeFault(stack, { kind: 'token-revoked' }),
  'shopee refresh response lost': async ({ stack }) => {
    stack.shopee.faults.add({ kind: 'token-revoked', on: 'get_order_detail' });
    stack.shopee.faults.add({ kind: 'response-lost', on: 'access_token/get' });
  },

  'telegram 429': async ({ stack }) => stack.telegram.faults.add({ kind: '429', on: 'send', ms: 2_000 }),
  'telegram 502': async ({ stack, random }) =>
    stack.telegram.faults.add({ kind: '502', on: 'send', times: random.integer(1, 3) }),
  'telegram reset after apply': async ({ stack }) =>
    stack.telegram.faults.add({ kind: 'reset-after-apply', on: 'send' }),
  'telegram topic deleted': async ({ stack, random, deletedMessages }) => {
    const topics = stack.telegram.chats()[0]?.topics.filter(({ deletedAt }) => deletedAt === undefined) ?? [];
    if (topics.length === 0) return;
    const { threadId, name } = random.pick(topics);
    deletedMessages.push(...stack.telegram.messages().filter(({ topic }) => topic === name));
    stack.telegram.act({ act: 'delete-topic', threadId });
  },
};

/** What the services' wall clock is set by, ms. */
export function clockFile(dir: string): string {
  return join(dir, 'clock-step');
}

/** The services' clock is wrong for a while, as after a server's start, and is set right again. */
async function stepClock({ stack, random }: FaultContext, ms: number): Promise<void> {
  writeFileSync(clockFile(stack.options.dir), String(ms));
  await sleep(random.between(1, 4) * seconds);
  rmSync(clockFile(stack.options.dir));
}

async function freeze(service: Service, ms: number): Promise<void> {
  service.freeze();
  await sleep(ms);
  service.thaw();
}

async function addGoogleFault(stack: Stack, fault: Parameters<Stack['google']['faults']['add']>[0]): Promise<void> {
  stack.google.faults.add(fault);
}

async function addShopeeFault(stack: Stack, fault: Parameters<Stack['shopee']['faults']['add']>[0]): Promise<void> {
  stack.shopee.faults.add({ on: 'get_', ...fault });
}

/** What the sheet's user may do; there may be no such tab yet. */
function editSheet(stack: Stack, change: Parameters<Stack['google']['edit']>[0]): void {
  const tabs = stack.google.sheets().map(({ title }) => title);
  if (!tabs.includes('Orders') || readRows(stack, 'Orders').length < 5) return;
  stack.google.edit(change);
}

function readRows(stack: Stack, tab: string) {
  const sheet = stack.google.sheets().find(({ title }) => title === tab);
  const header = sheet?.header() ?? [];
  return (sheet?.rows().slice(1) ?? []).map((row) =>
    Object.fromEntries(header.map((name, at) => [String(name), row[at]])),
  );
}

/** A command of an operator at redis-cli; Redis may be down just then. */
async function withRedis(stack: Stack, callback: (redis: Redis) => Promise<void>): Promise<void> {
  if (stack.redis === undefined) return;
  const redis = new Redis({ host: '127.0.0.1', port: stack.redisPort, maxRetriesPerRequest: 3 });
  redis.on('error', () => undefined);
  try {
    await callback(redis);
  } finally {
    redis.disconnect();
  }
}

/** Writes until the disk is full. */
function fillDisk(path: string): void {
  try {
    for (let size = 0; size < 512; size += 1) writeFileSync(path, Buffer.alloc(256 * 1024), { flag: 'a' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  }
}
