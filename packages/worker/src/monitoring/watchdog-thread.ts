import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { z } from 'zod/mini';

const { beats, timeoutMs } = z.object({ beats: z.instanceof(Int32Array), timeoutMs: z.number() }).parse(workerData);

const tickMs = 250;
const maxTicks = Math.ceil(timeoutMs / tickMs);
const idle = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

// Ticks of this thread are counted, not time: while the whole machine sleeps, neither thread runs.
for (let ticks = 0, last = -1; ticks < maxTicks; ticks += 1) {
  Atomics.wait(idle, 0, 0, tickMs);
  const beat = Atomics.load(beats, 0);
  if (beat !== last) ticks = 0;
  last = beat;
}
writeSync(2, `{"level":"fatal","msg":"event loop blocked, killing the process","ms":${String(timeoutMs)}}\n`);
// In a thread process.exit() would only end the thread.
process.kill(process.pid, 'SIGKILL');
