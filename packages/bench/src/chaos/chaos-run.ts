import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@shopee-webhook/runtime';
import { eventTypes } from '@shopee-webhook/shopee';
import { Random } from '../load/random.ts';
import { Stack } from '../stack/stack.ts';
import { clockFile, faultKinds } from './fault-kinds.ts';
import { planFaults, type PlannedFault } from './fault-plan.ts';
import { OrderLoad, type SentPush } from '../load/order-load.ts';
import { checkQueue, type QueueCheck } from '../checks/queue-check.ts';
import { checkSheet, type SheetCheck } from '../checks/sheet-check.ts';
import { countNotifiedEvents } from '../checks/notified-events.ts';
import { traceEvents } from './trace.ts';

export interface ChaosOptions {
  seed: number;
  pushes: number;
  orders: number;
  faults: number;
  perSecond: number;
  dir: string;
  /** Safeguards to disable on purpose; see preload.ts. */
  without?: string[];
  /** Only these kinds of faults. */
  kinds?: string[];
  /** False: no notifications, which is faster: a group takes 20 messages a minute. */
  telegram?: boolean;
  log: (line: string) => void;
}

export interface ChaosResult {
  options: ChaosOptions;
  /** How often each kind of fault was injected. */
  faults: Map<string, number>;
  pushes: number;
  /** Responses by status; 0 is none in time. */
  responses: Map<number, number>;
  sheet: SheetCheck;
  queue: QueueCheck;
  missingNotifications: string[];
  duplicateNotifications: string[];
  /** What became of the pushes that were answered 200. */
  totals: { accepted: number; handled: number; deadLetters: number; pending: number };
  /** The activity of the first few that are missing or wrong. */
  trace: string[];
  drainMs: number;
  ms: number;
}

const preload = fileURLToPath(new URL('./preload.ts', import.meta.url));
/** Waits that are shortened; see preload.ts. */
const shortenedTimeouts = ['short-google-timeout', 'short-telegram-minute'];
/** The longest wait in the product is Shopee's or Google's own; the fakes have none that is longer. */
const drainTimeoutMs = 420_000;

/** One run: load, faults from the seeded plan, then none, then the check. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const startedAt = systemClock.monotonicMs();
  const random = new Random(options.seed);
  const plan = planFaults(random, { ...options, count: options.faults });
  const needsSmallDisk = plan.some(({ name }) => name.startsWith('disk full'));
  const smallDisk = needsSmallDisk ? mountSmallDisk(join(options.dir, 'forwarder-data'), options.pushes) : undefined;
  if (needsSmallDisk && smallDisk === undefined)
    options.log('not root: the fault "disk full and redis down" does nothing in this run');
  const stack = await Stack.create({
    dir: options.dir,
    workers: 2,
    shopee: {
      seed: options.seed,
      settings: { latencyMs: 60 },
      shops: [{ shopId: 700_000_001, name: 'Chaos', region: 'SG' }],
    },
    google: { latencyMs: 120 },
    telegram: options.telegram ?? true,
    // Without the jobs: reconcile would repair what the durable path must not lose.
    env: {
      SCHEDULED_JOBS: 'false',
      CHAOS_CLOCK: clockFile(options.dir),
      CHAOS_PATCHES: [...shortenedTimeouts, ...(options.without ?? [])].join(','),
    },
    nodeArgs: ['--import', preload],
    telegramLimits: { perMinute: 80 },
    ...(smallDisk === undefined ? {} : { forwarderData: smallDisk }),
  });
  try {
    await stack.start();
    const load = new OrderLoad(stack, random, options.pushes);
    const stop = new AbortController();
    const loading = load.run({ perSecond: options.perSecond, orders: options.orders, stop: stop.signal });
    const deletedMessages: Parameters<typeof countNotifiedEvents>[2] = [];
    const faults = await injectFaults(plan, { stack, load, random, smallDisk, deletedMessages }, options.log);
    await loading;
    const drained = await stopFaults(stack, plan, options.log);
    return {
      ...(await checkResult(stack, load, { ...options, erased: deletedMessages })),
      faults,
      drainMs: drained,
      ms: systemClock.monotonicMs() - startedAt,
    };
  } finally {
    await stack.stop();
    if (smallDisk !== undefined) execFileSync('umount', [smallDisk]);
  }
}

async function injectFaults(
  plan: readonly PlannedFault[],
  context: Parameters<(typeof faultKinds)[string]>[0],
  log: (line: string) => void,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const margin = context.load.planned / plan.length / 2;
  for (const [index, { name, afterPushes }] of plan.entries()) {
    // Where faults take longer than planned, the pushes wait for them: none may come to an idle system.
    context.load.limit = (plan[index + 1]?.afterPushes ?? Infinity) + margin;
    while (context.load.size < afterPushes) await sleep(20);
    await sleep(context.random.between(100, 600));
    log(`${String(context.load.size).padStart(6)} pushes  ${name}`);
    counts.set(name, (counts.get(name) ?? 0) + 1);
    await faultKinds[name]?.(context);
  }
  context.load.limit = Infinity;
  return counts;
}

/** Faults off, everything running; resolves when nothing is left to do, with the time that took, ms. */
async function stopFaults(stack: Stack, plan: readonly PlannedFault[], log: (line: string) => void): Promise<number> {
  const startedAt = systemClock.monotonicMs();
  for (const { faults } of [stack.shopee, stack.google, stack.telegram]) faults.clear();
  await stack.start();
  let idlePolls = 0;
  let remaining: QueueCheck | undefined;
  while (systemClock.monotonicMs() - startedAt < drainTimeoutMs && idlePolls < 8) {
    remaining = await checkQueue(stack).catch(() => undefined);
    const busy =
      remaining === undefined ||
      remaining.queued + remaining.retrying + remaining.orphans + remaining.outbox + remaining.spool > 0;
    // What Google applies late may still come, and be repaired.
    idlePolls = busy || stack.google.late > 0 ? 0 : idlePolls + 1;
    await sleep(500);
  }
  if (idlePolls === 0)
    log(
      `not drained after ${drainTimeoutMs / 1000} s: ${JSON.stringify({ ...remaining, dead: remaining?.deadLetters.length })}`,
    );
  // A row that Google wrote late is verified again when its time is over (12 s with the short timeout of this run).
  if (plan.some(({ name }) => name.startsWith('sheets '))) await sleep(12_000);
  return systemClock.monotonicMs() - startedAt;
}

async function checkResult(
  stack: Stack,
  load: OrderLoad,
  { erased, ...options }: ChaosOptions & { erased: Parameters<typeof countNotifiedEvents>[2] },
) {
  const accepted = load.pushes.filter(({ statuses }) => statuses.includes(200));
  const sheet = checkSheet(stack, new Set(accepted.filter(({ code }) => isOrderCode(code)).map(({ sn }) => sn)));
  const queue = await checkQueue(stack);
  const codeOf = (topic: string) => eventTypes.find(({ title }) => title === topic)?.code;
  const notified = countNotifiedEvents(stack.telegram, codeOf, erased);
  const expected = countByKey(accepted);
  const deadLetters = countByKey(queue.deadLetters);
  const missingNotifications: string[] = [];
  const duplicateNotifications: string[] = [];
  let handled = 0;
  for (const [key, count] of expected) {
    const seen = options.telegram === false ? count : (notified.get(key) ?? 0);
    handled += Math.min(seen, count);
    const missing = count - seen - (deadLetters.get(key) ?? 0);
    if (missing > 0) missingNotifications.push(`${key} × ${missing}`);
    if (missing < 0) duplicateNotifications.push(`${key} × ${-missing}`);
  }
  const pending = queue.queued + queue.retrying + queue.orphans + queue.spool + queue.outbox;
  const totals = { accepted: accepted.length, handled, deadLetters: queue.deadLetters.length, pending };
  const { missing, stale, wrong } = sheet;
  const trace = await traceEvents(stack, [...missing, ...stale, ...wrong, ...missingNotifications]);
  return {
    options,
    pushes: load.size,
    responses: countResponses(load.pushes),
    sheet,
    queue,
    missingNotifications: missingNotifications,
    duplicateNotifications,
    totals: totals,
    trace,
  };
}

/** Codes that fetch the order: ORDER_EVENT_CODES' default. */
function isOrderCode(code: number): boolean {
  return code === 3 || code === 4;
}

function countByKey(entries: readonly ({ key: string } | SentPush)[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const entry of entries) {
    const key = 'key' in entry ? entry.key : `${entry.code} ${entry.sn}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

function countResponses(pushes: readonly SentPush[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const response of pushes.flatMap(({ statuses }) => statuses))
    counts.set(response, (counts.get(response) ?? 0) + 1);
  return counts;
}

/** A file system that a fault can fill, with room for the event history of all pushes, 5 kB each; only root can mount one. */
function mountSmallDisk(path: string, pushes: number): string | undefined {
  mkdirSync(path, { recursive: true });
  if (process.getuid?.() !== 0) return undefined;
  try {
    const kilobytes = 24 * 1024 + 5 * pushes;
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'chaos', path], { stdio: 'ignore' });
    return path;
  } catch {
    // A container without the right to mount.
    return undefined;
  }
}
