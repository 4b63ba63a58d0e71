import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createStage, placeOrder, slow, startTimeout, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
}, startTimeout);
afterEach(() => stage.closeWindows());
afterAll(() => stage[Symbol.asyncDispose]());

/** A stream that opens and then sends nothing, or an empty message a second. */
const fakeStream = (beats: boolean) => `window.EventSource = class extends EventTarget {
  static CLOSED = 2;
  readyState = 1;
  constructor() {
    super();
    setTimeout(() => this.dispatchEvent(new Event('open')), 50);
    const message = () => new MessageEvent('steps', { data: '{"steps":[]}' });
    if (${String(beats)}) setInterval(() => this.dispatchEvent(message()), 1_000);
  }
  close() {}
};`;

test('a server that stops sending is not live, and says since when', slow, async () => {
  const page = await stage.enter('/');
  await page.addInitScript(fakeStream(false));
  await page.reload();
  await page.getByText('Live', { exact: true }).waitFor();
  await page.getByText(/^Not live since \d\d:\d\d:\d\d$/).waitFor();
  await page.getByRole('alert').getByText('The server has stopped responding').waitFor();
  expect(await page.getByText('Live', { exact: true }).count()).toBe(0);
});

test('a failed refresh is not live, and old data says its age', slow, async () => {
  const page = await stage.enter('/workers');
  await page.addInitScript(fakeStream(true));
  await page.reload();
  // Both were loaded once: only a refresh can fail from here on.
  await page.getByRole('table').waitFor();
  await page.getByText('Live', { exact: true }).waitFor();
  const body = JSON.stringify({ error: 'internal', message: 'out of order in this test', requestId: 'r' });
  const failure = { status: 500, contentType: 'application/json', body };
  await page.route(/api\/(overview|workers)$/, (route) => route.fulfill(failure));
  await page.getByText(/Not refreshed since \d\d:\d\d:\d\d/).waitFor();
  await page.getByText(/^Not live since \d\d:\d\d:\d\d$/).waitFor();
  await page.unroute(/api\/(overview|workers)$/);
  await page.getByText('Live', { exact: true }).waitFor();
});

test('a hidden tab closes its stream, and resumes without a gap when it is shown', slow, async () => {
  const page = await stage.enter('/events');
  await page.addInitScript(`const Real = EventSource;
    window.sources = [];
    window.EventSource = class extends Real { constructor(url) { super(url); window.sources.push(this); } };`);
  await page.reload();
  await page.getByText('Live', { exact: true }).waitFor();
  const show = async (state: 'hidden' | 'visible') => {
    await page.evaluate(`Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));`);
  };
  const openStreams = () =>
    page.evaluate<number>('window.sources.filter((one) => one.readyState !== EventSource.CLOSED).length');
  expect(await openStreams()).toBe(1);
  await show('hidden');
  expect(await openStreams()).toBe(0);
  const sn = await placeOrder(stage);
  await show('visible');
  expect(await openStreams()).toBe(1);
  await page.getByText(sn).first().waitFor();
});
