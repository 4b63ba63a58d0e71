import type { ActivityStep, Delivery, Outcome, Settlement } from '@shopee-webhook/store';
import { outcomeOf, type RetryPolicy } from './outcome-of.ts';
import type { Handling } from './work.ts';

/** What is recorded of a delivery: its outcome, its notification and the steps that it went through. */
export function settlementOf(delivery: Delivery, handling: Handling, policy: RetryPolicy): Settlement {
  const steps = handling.steps ?? [];
  if (handling.kind === 'done') {
    const notification = handling.notification === undefined ? undefined : JSON.stringify(handling.notification);
    return { delivery, outcome: { kind: 'ack' }, notification, steps };
  }
  const outcome = outcomeOf(handling.error, delivery.attempt, policy);
  return { delivery, outcome, steps: isRepeat(delivery, outcome) ? [] : [...steps, stepOf(delivery, outcome)] };
}

/** A message that still waits for the same side is no news: an outage of hours must not fill the activity with it. */
function isRepeat({ metadata }: Delivery, outcome: Outcome): boolean {
  return outcome.kind === 'retry' && !outcome.countsAsFailure && sideOf(metadata.reason) === sideOf(outcome.reason);
}

/** `parked shopee:1` → `shopee:1` */
function sideOf(reason: string | undefined): string | undefined {
  return reason?.split(' ').at(-1);
}

function stepOf({ id, attempt }: Delivery, outcome: Outcome): ActivityStep {
  if (outcome.kind === 'ack') return { id, step: 'handled', attempt };
  const step = outcome.kind === 'retry' ? 'retried' : 'dead-lettered';
  return { id, step, at: Date.now(), attempt, reason: outcome.reason, error: outcome.error.slice(0, 300) };
}
