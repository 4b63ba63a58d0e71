import { HttpError, type HttpServer } from '@shopee-webhook/runtime';
import { z } from 'zod';
import { JobList, JobRun } from '@shopee-webhook/contracts/dashboard-api';
import { toJobItem } from './job-serializer.ts';
import type { WorkerClient } from '../workers/worker-client.ts';

const tags = ['dashboard'];
const params = z.object({ name: z.string().min(1).max(50) });

/** The worker's scheduled jobs: how they stand, run now, stop. */
export async function jobRoutes(app: HttpServer, { workerClient }: { workerClient: WorkerClient }): Promise<void> {
  const response = { 200: JobList };
  app.get('/jobs', { schema: { tags, summary: 'Scheduled jobs', response } }, async () => jobList(workerClient));

  const run = { tags, summary: 'Run a job now', params, body: JobRun, response };
  app.post('/jobs/:name/run', { schema: run }, async ({ params: { name }, body, log }) => {
    const { outcome } = await workerClient.call('job-run', { name, options: toJobOptions(body) });
    if (outcome === 'unknown') throw new HttpError(404, 'not_found', 'job not found');
    if (outcome === 'busy') throw new HttpError(409, 'running', 'job is already running');
    log.info({ job: name }, 'job started by operator');
    return jobList(workerClient);
  });

  const stop = { tags, summary: 'Stop a job', params, response };
  app.post('/jobs/:name/stop', { schema: stop }, async ({ params: { name } }) => {
    const { outcome } = await workerClient.call('job-stop', { name });
    if (outcome === 'elsewhere') throw new HttpError(409, 'not_running', 'job is not running on this worker');
    return jobList(workerClient);
  });
}

async function jobList(link: WorkerClient): Promise<JobList> {
  const { jobs, scheduled } = await link.call('jobs', {});
  return { jobs: jobs.map((job) => toJobItem(job, { scheduled })) };
}

/** Jobs count in unix seconds. */
function toJobOptions({ shop, from, to }: JobRun): Record<string, unknown> {
  return {
    ...(shop === undefined ? {} : { shop }),
    ...(from === undefined ? {} : { from: Math.floor(from / 1000) }),
    ...(to === undefined ? {} : { to: Math.floor(to / 1000) }),
  };
}
