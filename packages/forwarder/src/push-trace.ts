import type { SpanFacts, Tracing } from '@shopee-webhook/runtime';
import type { AnswerKind } from './answer-counts.ts';

/** A push that was answered. */
export interface AnsweredPush {
  kind: AnswerKind;
  /** Of the message that it became; undefined when it became none. */
  id?: string | undefined;
  code?: number | undefined;
  shop?: string | undefined;
  requestId: string;
  /** From the whole body to the answer. */
  ms: number;
  /** How much of that it took to make it durable. */
  keptMs?: number | undefined;
}

/** The beginning of a message's trace: the push and where it was kept. A repeat is a span of the trace that it repeats. */
export function tracePush(tracing: Tracing, push: AnsweredPush): void {
  const { kind, id, code, shop, requestId, ms, keptMs = 0 } = push;
  if (id === undefined) return;
  const end = Date.now();
  const kept = { name: kind === 'spooled' ? 'spool' : 'enqueue', kind: 'producer', start: end - keptMs, end } as const;
  const span: SpanFacts = {
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
    children: [kept],
  };
  if (kind === 'duplicate') tracing.add(id, span);
  else tracing.begin(id, span);
}
