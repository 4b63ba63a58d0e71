import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { eventCodes } from '@shopee-webhook/shopee';
import { Random } from '../random.ts';
import { Stack } from '../stack.ts';
import { faultKinds } from './fault-kinds.ts';
import { planFaults, type PlannedFault } from './fault-plan.ts';
import { Load, type SentPush } from './load.ts';
import { accountOfQueue, type QueueAccount } from './queue-account.ts';
import { accountOfSheet, type SheetAccount } from './sheet-account.ts';
import { toldEvents } from './told.ts';
import { traceOf } from './trace.ts';

export interface ChaosOptions {
  seed: number;
  pushes: number;
  orders: number;
  faults: number;
  perSecond: number;
  dir: string;
  /** Safeguards to break on purpose; see preload.ts. */
  without?: string[];
  /** Only these kinds of faults. */
  kinds?: string[];
  /** False: nobody is told, which is quicker, for a group takes 20 messages a minute. */
  telegram?: boolean;
  say: (line: string) => void;
}

export interface ChaosResult {
  options: ChaosOptions;
  /** How often each kind of fault came. */
  faults: Map<string, number>;
  pushes: number;
  /** Answers by status; 0 is none in time. */
  answers: Map<number, number>;
  sheet: SheetAccount;
  queue: QueueAccount;
  lostNotifications: string[];
  duplicateNotifications: string[];
  /** Pushes answered 200 that are neither told, dead nor waiting, or more of them than there were pushes. */
  account: { accepted: number; handled: number; dead: number; waiting: number };
  /** What the activity knows of the first few that were lost or are wrong. */
  trace: string[];
  drainMs: number;
  ms: number;
}

const preload = fileURLToPath(new URL('./preload.ts', import.meta.url));
/** Waits that are shortened; see preload.ts. */
const shortTimes = ['short-google-timeout', 'short-telegram-minute'];
/** The longest wait in the product is Shopee's or Google's own; the stand-ins have none that is longer. */
const drainMs = 420_000;

/** One run: load, faults from the seeded plan, then calm, then the account. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const begun = performance.now();
  const random = new Random(options.seed);
  const plan = planFaults(random, { ...options, count: options.faults });
  const wantsDisk = plan.some(({ name }) => name.startsWith('disk full'));
  const smallDisk = wantsDisk ? makeSmallDisk(join(options.dir, 'forwarder-data'), options.pushes) : undefined;
  if (wantsDisk && smallDisk === undefined)
    options.say('not root: the fault "disk full and redis away" does nothing in this run');
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
    // Without the jobs, for reconcile would mend what the durable path should have kept.
    env: { SCHEDULED_JOBS: 'false', CHAOS_PATCHES: [...shortTimes, ...(options.without ?? [])].join(',') },
    nodeArgs: ['--import', preload],
    telegramLimits: { perMinute: 80 },
    ...(smallDisk === undefined ? {} : { forwarderData: smallDisk }),
  });
  try {
    await stack.start();
    const load = new Load(stack, random, options.pushes);
    const stop = new AbortController();
    const loading = load.run({ perSecond: options.perSecond, orders: options.orders, stop: stop.signal });
    const erased: Parameters<typeof toldEvents>[2] = [];
    const faults = await bringFaults(plan, { stack, load, random, smallDisk, erased }, options.say);
    await loading;
    const drained = await calm(stack, plan, options.say);
    return {
      ...(await settle(stack, load, { ...options, erased })),
      faults,
      drainMs: drained,
      ms: performance.now() - begun,
    };
  } finally {
    await stack.stop();
    if (smallDisk !== undefined) execFileSync('umount', [smallDisk]);
  }
}

async function bringFaults(
  plan: readonly PlannedFault[],
  context: Parameters<(typeof faultKinds)[string]>[0],
  say: (line: string) => void,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const more = context.load.planned / plan.length / 2;
  for (const [index, { name, afterPushes }] of plan.entries()) {
    // Where faults take longer than planned, the pushes wait for them: none may come to a system at rest.
    context.load.limit = (plan[index + 1]?.afterPushes ?? Infinity) + more;
    while (context.load.size < afterPushes) await sleep(20);
    await sleep(context.random.between(100, 600));
    say(`${String(context.load.size).padStart(6)} pushes  ${name}`);
    counts.set(name, (counts.get(name) ?? 0) + 1);
    await faultKinds[name]?.(context);
  }
  context.load.limit = Infinity;
  return counts;
}

/** Faults off, everything running; resolves when nothing is left to do, with how long that took, ms. */
async function calm(stack: Stack, plan: readonly PlannedFault[], say: (line: string) => void): Promise<number> {
  const begun = performance.now();
  for (const { faults } of [stack.shopee, stack.google, stack.telegram]) faults.clear();
  await stack.start();
  let quiet = 0;
  let left: QueueAccount | undefined;
  while (performance.now() - begun < drainMs && quiet < 8) {
    left = await accountOfQueue(stack).catch(() => undefined);
    const busy = left === undefined || left.waiting + left.retrying + left.orphans + left.outbox + left.spool > 0;
    // What Google carries out late may still come, and be mended.
    quiet = busy || stack.google.late > 0 ? 0 : quiet + 1;
    await sleep(500);
  }
  if (quiet === 0)
    say(`not drained after ${drainMs / 1000} s: ${JSON.stringify({ ...left, dead: left?.dead.length })}`);
  // A row that Google wrote late is looked at again when its time is over (12 s with the short timeout of this run).
  if (plan.some(({ name }) => name.startsWith('sheets '))) await sleep(12_000);
  return performance.now() - begun;
}

async function settle(
  stack: Stack,
  load: Load,
  { erased, ...options }: ChaosOptions & { erased: Parameters<typeof toldEvents>[2] },
) {
  const accepted = load.pushes.filter(({ answers }) => answers.includes(200));
  const sheet = accountOfSheet(stack, new Set(accepted.filter(({ code }) => isOrderCode(code)).map(({ sn }) => sn)));
  const queue = await accountOfQueue(stack);
  const codeOf = (topic: string) => eventCodes.find(({ title }) => title === topic)?.code;
  const told = toldEvents(stack.telegram, codeOf, erased);
  const expected = countByKey(accepted);
  const dead = countByKey(queue.dead);
  const lostNotifications: string[] = [];
  const duplicateNotifications: string[] = [];
  let handled = 0;
  for (const [key, count] of expected) {
    const seen = options.telegram === false ? count : (told.get(key) ?? 0);
    handled += Math.min(seen, count);
    const missing = count - seen - (dead.get(key) ?? 0);
    if (missing > 0) lostNotifications.push(`${key} × ${missing}`);
    if (missing < 0) duplicateNotifications.push(`${key} × ${-missing}`);
  }
  const waiting = queue.waiting + queue.retrying + queue.orphans + queue.spool + queue.outbox;
  const account = { accepted: accepted.length, handled, dead: queue.dead.length, waiting };
  const { lost, stale, wrong } = sheet;
  const trace = await traceOf(stack, [...lost, ...stale, ...wrong, ...lostNotifications]);
  return {
    options,
    pushes: load.size,
    answers: answersOf(load.pushes),
    sheet,
    queue,
    lostNotifications,
    duplicateNotifications,
    account,
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

function answersOf(pushes: readonly SentPush[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const answer of pushes.flatMap(({ answers }) => answers)) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  return counts;
}

/** A file system that a fault can fill, with room for the look back at all pushes, 5 kB each; only root can mount one. */
function makeSmallDisk(path: string, pushes: number): string | undefined {
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
