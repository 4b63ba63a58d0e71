import { type SpanData, type Tracing, systemClock } from '@shopee-webhook/runtime';
import type { ActivityEntry, Settlement } from '@shopee-webhook/store';

/** Steps that took time, by the name of their span. */
const stages: Partial<Record<ActivityEntry['step'], Pick<SpanData, 'name' | 'kind'>>> = {
  fetched: { name: 'fetch order', kind: 'client' },
  written: { name: 'write rows', kind: 'client' },
};

/**
 * A delivery as part of its message's trace: how long it waited, the order fetched, its rows written. A message that did
 * not come as a push (a backfill, a replay by hand) begins its trace here.
 */
export function traceSettlement(tracing: Tracing, { delivery, outcome, activity = [] }: Settlement): void {
  const { id, attempt, metadata, consumer } = delivery;
  const end = systemClock.wallMs();
  const taken = activity.find(({ step }) => step === 'taken');
  const start = taken?.at ?? end;
  const waited = { name: 'wait', kind: 'internal', start: Math.min(metadata.enqueued_at, start), end: start } as const;
  const span: SpanData = {
    name: 'handle',
    kind: 'consumer',
    start,
    end,
    attributes: {
      'shopee.message.id': id,
      'shopee.consumer': consumer,
      'shopee.attempt': attempt,
      'shopee.outcome': outcome.kind,
      'shopee.push.code': taken?.code,
      'shopee.shop.id': taken?.shop,
      'shopee.order.sn': taken?.sn,
      'shopee.row': activity.find(({ row }) => row !== undefined)?.row,
    },
    children: activity.flatMap((step) => toStageSpans(step)),
    ...(outcome.kind === 'ack' ? {} : { error: outcome.reason }),
  };
  const isPush = metadata.source === undefined || metadata.source === 'push' || metadata.source === 'spool';
  if (attempt > 1) tracing.recordSpan(id, span);
  else if (isPush) for (const one of [waited, span]) tracing.recordSpan(id, one);
  else tracing.startTrace(id, { ...span, start: waited.start, children: [waited, ...(span.children ?? [])] });
}

function toStageSpans({ step, at, ms }: ActivityEntry): SpanData[] {
  const stage = stages[step];
  if (stage === undefined || at === undefined || ms === undefined) return [];
  return [{ ...stage, start: at - ms, end: at }];
}
