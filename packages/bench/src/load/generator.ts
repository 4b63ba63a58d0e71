import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { LoadResult, type LoadJob } from './load-job.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const run = promisify(execFile);

/** Runs a load in a process of its own, so that generating it does not slow what is measured. */
export async function runLoad(job: LoadJob): Promise<LoadResult> {
  const { stdout } = await run(process.execPath, [main, JSON.stringify(job)]);
  const result = LoadResult.parse(JSON.parse(stdout));
  if (result.accepted === 0) throw new Error(`nothing was accepted: ${stdout}`);
  return result;
}
