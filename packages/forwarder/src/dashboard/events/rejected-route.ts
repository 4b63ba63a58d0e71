import type { HttpServer } from '@shopee-webhook/runtime';
import { summarizeResponses, type ResponseStats } from '../../ingest/response-stats.ts';
import { describeKey } from '../../ingest/describe-key.ts';
import type { RejectedPushes } from '../../ingest/rejected-pushes.ts';
import { RejectedPushList } from '@shopee-webhook/contracts/dashboard-api';

export interface RejectedRouteDeps {
  rejected: RejectedPushes;
  responseStats: ResponseStats;
}

/** GET /api/rejected: rejected pushes, and why. */
export async function rejectedRoute(app: HttpServer, { rejected, responseStats }: RejectedRouteDeps): Promise<void> {
  const schema = { tags: ['dashboard'], summary: 'Rejected pushes', response: { 200: RejectedPushList } };
  app.get('/rejected', { schema }, async () => ({
    total: rejected.total + rejected.unsignedTotal,
    last6h: summarizeResponses(responseStats.minutes()),
    rejected: rejected.list().map(toItem),
    unsigned: { total: rejected.unsignedTotal, last: rejected.listUnsigned().map(toItem) },
  }));
}

function toItem(push: ReturnType<RejectedPushes['list']>[number]) {
  const { keysTried, detail, userAgent, signaturePrefix, ...rest } = push;
  return {
    ...rest,
    detail: detail ?? null,
    userAgent: userAgent ?? null,
    signaturePrefix: signaturePrefix ?? null,
    keysTried: Array.from({ length: keysTried }, (_, index) => describeKey(index, keysTried)),
  };
}
