import { fieldsOf } from './activity.ts';
import type { ActivityStep } from './activity-step.ts';
import { clip, deadLetterText, garbageText } from './dead-letter.ts';
import { readDelivery, type Delivery, type Outcome, type Settlement } from './delivery.ts';
import { NotAMessageError } from './errors.ts';
import { NOW } from './json.ts';
import { buildMessage, newMessageId, withMetadata } from './message.ts';
import type { ScriptArg } from './script.ts';

/** Deliveries that never came to an end before a message is given up as `crash-loop`. */
export const crashLimit = 3;

/** Steps as the scripts read them: how many, then each as a count of fields and the fields. */
export function stepArgs(steps: ActivityStep[]): ScriptArg[] {
  const args: ScriptArg[] = [steps.length];
  for (const step of steps) {
    const fields = fieldsOf(step);
    args.push(fields.length, ...fields);
  }
  return args;
}

/** One settlement as the settle script reads it. */
export function settlementArgs(settlement: Settlement, parts: { outbox: boolean; activity: boolean }): ScriptArg[] {
  const { delivery, outcome, notification, steps = [] } = settlement;
  const note = notification === undefined || !parts.outbox ? '' : buildMessage(newMessageId(), notification);
  const delayMs = outcome.kind === 'retry' ? Math.max(0, Math.round(outcome.delayMs)) : 0;
  const failed = outcome.kind === 'dead-letter' || (outcome.kind === 'retry' && outcome.countsAsFailure);
  const written = parts.activity ? steps : [];
  return [
    delivery.raw,
    outcome.kind,
    settledText(delivery, outcome),
    delayMs,
    failed ? 1 : 0,
    note,
    ...stepArgs(written),
  ];
}

/**
 * One message of a processing list as the return script reads it. `counted`: its consumer died, which may have been its
 * doing; otherwise nobody is to blame and it goes back as it was. What is not a message is given up in any case.
 */
export function returnArgs(
  bytes: Buffer,
  consumer: string,
  options: { counted: boolean; activity: boolean },
): ScriptArg[] {
  const stepsOf = (...steps: ActivityStep[]) => stepArgs(options.activity ? steps : []);
  const delivery = readDelivery(bytes, consumer);
  if (delivery instanceof NotAMessageError) {
    const { id, text } = garbageText(bytes, delivery.message);
    const step = { id, step: 'dead-lettered', reason: 'malformed', error: delivery.message } as const;
    return [bytes, '', text, ...stepsOf(), ...stepsOf(step)];
  }
  if (!options.counted) return [bytes, bytes, '', ...stepsOf(), ...stepsOf()];
  const { id, raw, attempt, metadata } = delivery;
  const deliveries = (metadata.deliveries ?? 0) + 1;
  const why = { reason: 'crash-loop', error: `in hand ${deliveries} times when its consumer died`, attempts: attempt };
  return [
    bytes,
    withMetadata(raw, delivery, { deliveries }),
    deliveries >= crashLimit ? deadLetterText(raw, delivery, why) : '',
    ...stepsOf({ id, step: 'returned', attempt, reason: 'consumer-died' }),
    ...stepsOf({ id, step: 'dead-lettered', attempt, reason: why.reason, error: why.error }),
  ];
}

/** What the message becomes: '' when it is done with. */
function settledText(delivery: Delivery, outcome: Outcome): string {
  if (outcome.kind === 'ack') return '';
  const { raw, metadata, attempt } = delivery;
  const { reason, error } = outcome;
  if (outcome.kind === 'dead-letter') return deadLetterText(raw, delivery, { reason, error, attempts: attempt });
  return withMetadata(raw, delivery, {
    retry_count: metadata.retry_count + (outcome.countsAsFailure ? 1 : 0),
    first_failed_at: metadata.first_failed_at ?? NOW,
    reason,
    last_error: clip(error),
    // It came to an end this time.
    deliveries: undefined,
  });
}
