export { BreakerReport, QueueStats } from './queue-stats.ts';
export { WorkerStats } from './worker-stats.ts';
export { callWorker, WorkerUnreachableError, type WorkerEndpoint } from './worker-client.ts';
export { healthRequest, internalAuthHeaders, signInternalRequest, verifyInternalRequest } from './internal-auth.ts';
