import { runProduct } from './up/run-product.ts';
import { envValue, type Running } from './up/running.ts';
import { runSandbox } from './up/run-sandbox.ts';
import { runFakes } from './up/run-fakes.ts';

// `npm start`: against the real services when .env is filled in, else against the sandbox.
// `fakes` (or a WEBHOOK_TARGET_URL) starts the fakes alone, for a container of their own.
const { argv, env } = process;
const fakes = argv[2] === 'fakes' || envValue(env, 'WEBHOOK_TARGET_URL') !== undefined;
const run = fakes ? runFakes : envValue(env, 'PARTNER_ID') === undefined ? runSandbox : runProduct;
const state: { running?: Running; stopping: boolean } = { stopping: false };

process.on('SIGINT', onSignal);
process.on('SIGTERM', onSignal);
try {
  state.running = await run(env, console.log);
  state.running.ended.then(stop, stop);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  // What was started is closed by now; nothing may keep the process.
  process.exit(1);
}

/** The first stops everything in order; a second, or one during the start, ends at once and the reaper clears up. */
function onSignal(): void {
  if (state.running === undefined || state.stopping) process.exit(130);
  console.log('stopping');
  void stop(0);
}

async function stop(code: unknown): Promise<void> {
  if (state.stopping) return;
  state.stopping = true;
  await state.running?.stop();
  console.log('stopped');
  process.exit(typeof code === 'number' ? code : 1);
}
