import type { ActivityEntry, Delivery, Outcome, Settlement } from '@shopee-webhook/store';
import { decideOutcome, type RetryPolicy } from './retry-policy.ts';
import type { HandlerResult } from './work-unit.ts';

/** What is recorded of a delivery: its outcome, its notification and the steps that it went through. */
export function buildSettlement(delivery: Delivery, result: HandlerResult, policy: RetryPolicy): Settlement {
  const activity = result.activity ?? [];
  if (result.kind === 'done') {
    const notification = result.notification === undefined ? undefined : JSON.stringify(result.notification);
    return { delivery, outcome: { kind: 'ack' }, notification, activity };
  }
  const outcome = decideOutcome(result.error, delivery.attempt, policy);
  return {
    delivery,
    outcome,
    activity: isRepeat(delivery, outcome) ? [] : [...activity, toActivity(delivery, outcome)],
  };
}

/** A message that still waits for the same side is no news: an outage of hours must not fill the activity with it. */
function isRepeat({ metadata }: Delivery, outcome: Outcome): boolean {
  return (
    outcome.kind === 'retry' && !outcome.countsAsFailure && upstreamIn(metadata.reason) === upstreamIn(outcome.reason)
  );
}

/** `parked shopee:1` → `shopee:1` */
function upstreamIn(reason: string | undefined): string | undefined {
  return reason?.split(' ').at(-1);
}

function toActivity({ id, attempt }: Delivery, outcome: Outcome): ActivityEntry {
  if (outcome.kind === 'ack') return { id, step: 'handled', attempt };
  const step = outcome.kind === 'retry' ? 'retried' : 'dead-lettered';
  return { id, step, at: Date.now(), attempt, reason: outcome.reason, error: outcome.error.slice(0, 300) };
}
