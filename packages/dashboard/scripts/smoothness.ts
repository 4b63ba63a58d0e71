import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { createStage, placeOrder, type Stage } from '../test/stage.ts';

// How smooth the pages stay while events come in: `node packages/dashboard/scripts/smoothness.ts [--rate 1000] [--seconds 50]`.
// Tells what arrived, how long the browser's main thread was held up (tasks over 50 ms), and how soon an event is seen.
const { values: given } = parseArgs({
  options: { rate: { type: 'string', default: '1000' }, seconds: { type: 'string', default: '50' } },
});
const seconds = Number(given.seconds);
/** A step of the sandbox's traffic sends about 2.9 pushes. */
const pushesPerStep = 2.9;

interface LongTask {
  at: number;
  ms: number;
}

/** Runs before the page's own scripts. */
const observe = `window.longTasks = [];
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) window.longTasks.push({ at: startTime, ms: duration });
  }).observe({ type: 'longtask', buffered: true });`;

await using stage = await createStage({ services: 'processes' });
report('idle', await delays(stage, await watched('/events')));
stage.sandbox.shopee.traffic.start(Number(given.rate) / pushesPerStep);
for (const path of ['/', '/events']) {
  const before = stage.sandbox.shopee.pushes.records.length;
  const page = await watched(path);
  const begun = await page.evaluate<number>('performance.now()');
  await sleep(seconds * 1000);
  const tasks = (await page.evaluate<LongTask[]>('window.longTasks'))
    .filter(({ at }) => at > begun)
    .map(({ ms }) => ms);
  const pushed = stage.sandbox.shopee.pushes.records.length - before;
  const max = Math.max(0, ...tasks).toFixed(0);
  const held = tasks.reduce((sum, ms) => sum + ms, 0);
  print(
    `${path} at ${Math.round((pushed * 60) / seconds).toString()} pushes a minute: ${String(tasks.length)} tasks over 50 ms, ` +
      `the longest ${max} ms, ${((100 * held) / (seconds * 1000)).toFixed(2)}% of the time`,
  );
  if (path === '/events') report('under load', await delays(stage, page));
  await page.close();
}
await stage.closeWindows();

async function watched(path: string): Promise<Page> {
  const page = await stage.enter(path);
  await page.addInitScript(observe);
  await page.reload();
  await page.getByText('Live', { exact: true }).waitFor();
  await sleep(5_000);
  return page;
}

/** ms from a push to its event on the page, of several orders. */
async function delays(on: Stage, page: Page): Promise<number[]> {
  const found: number[] = [];
  for (let order = 0; order < 12; order += 1) {
    const begun = performance.now();
    const sn = placeOrder(on);
    await page
      .getByText(await sn)
      .first()
      .waitFor();
    found.push(performance.now() - begun);
    await sleep(700);
  }
  return found.toSorted((a, b) => a - b);
}

function report(when: string, ms: readonly number[]): void {
  const median = ms[Math.floor(ms.length / 2)] ?? 0;
  print(`seen after a push, ${when}: median ${median.toFixed(0)} ms, at most ${(ms.at(-1) ?? 0).toFixed(0)} ms`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
