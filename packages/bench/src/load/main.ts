import { runClosedLoop } from './closed-loop.ts';
import { LoadJob } from './load-job.ts';
import { runOpenLoop } from './open-loop.ts';

// Started by generator.ts, with the job as its only argument.
const job = LoadJob.parse(JSON.parse(process.argv[2] ?? ''));
const result = job.kind === 'closed' ? await runClosedLoop(job) : await runOpenLoop(job);
console.log(JSON.stringify(result));
