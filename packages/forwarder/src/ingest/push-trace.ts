import { type SpanData, type Tracing, systemClock } from '@shopee-webhook/runtime';
import type { PushOutcome } from './response-stats.ts';

/** A push that got its response. */
export interface HandledPush {
  kind: PushOutcome;
  /** Of the message that it became; undefined when it became none. */
  id?: string | undefined;
  code?: number | undefined;
  shop?: string | undefined;
  requestId: string;
  /** From the whole body to the response. */
  ms: number;
  /** How much of that it took to make it durable. */
  persistMs?: number | undefined;
}

/** The beginning of a message's trace: the push and where it was persisted. A duplicate is a span of the trace that it repeats. */
export function tracePush(tracing: Tracing, push: HandledPush): void {
  const { kind, id, code, shop, requestId, ms, persistMs = 0 } = push;
  if (id === undefined) return;
  const end = systemClock.wallMs();
  const persist = {
    name: kind === 'spooled' ? 'spool' : 'enqueue',
    kind: 'producer',
    start: end - persistMs,
    end,
  } as const;
  const span: SpanData = {
    name: 'push',
    kind: 'server',
    start: end - ms,
    end,
    attributes: {
      'http.request.method': 'POST',
      'http.route': '/webhook/shopee',
      'shopee.message.id': id,
      'shopee.push.code': code,
      'shopee.shop.id': shop,
      'shopee.outcome': kind,
      'shopee.request.id': requestId,
    },
    children: [persist],
  };
  if (kind === 'duplicate') tracing.recordSpan(id, span);
  else tracing.startTrace(id, span);
}
