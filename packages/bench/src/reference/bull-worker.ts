import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'bullmq';

/** A BullMQ worker with its defaults that takes `ms` for a job; ended by kill −9. */
const [redisPort = '', queue = '', concurrency = '', ms = ''] = process.argv.slice(2);
const worker = new Worker(queue, () => (ms === '0' ? Promise.resolve() : sleep(Number(ms))), {
  connection: { host: '127.0.0.1', port: Number(redisPort) },
  concurrency: Number(concurrency),
});
worker.on('error', (error) => console.error(error.message));
await worker.waitUntilReady();
