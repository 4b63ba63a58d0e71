import { systemClock } from '@shopee-webhook/runtime';
import type { ActivityEntry, Delivery, Outcome, Settlement } from '@shopee-webhook/store';
import type { HandlerResult } from '../orders/parsed-event.ts';
import { decideOutcome, type RetryPolicy } from './retry-policy.ts';

/** The settlement of a delivery: its outcome, its notification and its activity. */
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

/** A message still deferred for the same upstream is not recorded again: an outage of hours must not fill the activity. */
function isRepeat({ metadata }: Delivery, outcome: Outcome): boolean {
  return (
    outcome.kind === 'retry' && !outcome.countsAsFailure && upstreamIn(metadata.reason) === upstreamIn(outcome.reason)
  );
}

/** `deferred shopee:1` → `shopee:1` */
function upstreamIn(reason: string | undefined): string | undefined {
  return reason?.split(' ').at(-1);
}

function toActivity({ id, attempt }: Delivery, outcome: Outcome): ActivityEntry {
  if (outcome.kind === 'ack') return { id, step: 'handled', attempt };
  const step = outcome.kind === 'retry' ? 'retried' : 'dead-lettered';
  return { id, step, at: systemClock.wallMs(), attempt, reason: outcome.reason, error: outcome.error.slice(0, 300) };
}
