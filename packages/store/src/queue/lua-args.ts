import { toActivityFields } from '../activity/activity-log.ts';
import type { ActivityEntry } from '../activity/activity-entry.ts';
import { truncate, deadLetterRecord, malformedRecord } from '../dead-letters/dead-letter.ts';
import { parseDelivery, type Delivery, type Outcome, type Settlement } from './delivery.ts';
import { MalformedMessageError } from '../redis/errors.ts';
import { serverTimePlaceholder } from './json.ts';
import { buildMessage, newMessageId, withMetadata } from './message.ts';
import type { ScriptArg } from '../redis/script.ts';

/** Deliveries that never came to an end before a message is given up as `crash-loop`. */
export const maxDeliveryCount = 3;

/** Steps as the scripts read them: how many, then each as a count of fields and the fields. */
export function activityArgs(steps: ActivityEntry[]): ScriptArg[] {
  const args: ScriptArg[] = [steps.length];
  for (const step of steps) {
    const fields = toActivityFields(step);
    args.push(fields.length, ...fields);
  }
  return args;
}

/** One settlement as the settle script reads it. */
export function settlementArgs(settlement: Settlement, parts: { outbox: boolean; activity: boolean }): ScriptArg[] {
  const { delivery, outcome, notification, activity = [] } = settlement;
  const note = notification === undefined || !parts.outbox ? '' : buildMessage(newMessageId(), notification);
  const delayMs = outcome.kind === 'retry' ? Math.max(0, Math.round(outcome.delayMs)) : 0;
  const failed = outcome.kind === 'dead-letter' || (outcome.kind === 'retry' && outcome.countsAsFailure);
  const written = parts.activity ? activity : [];
  return [
    delivery.raw,
    outcome.kind,
    toSettledText(delivery, outcome),
    delayMs,
    failed ? 1 : 0,
    note,
    ...activityArgs(written),
  ];
}

/**
 * One message of a processing list as the return script reads it. `counted`: its consumer died, which may have been its
 * doing; otherwise nobody is to blame and it goes back as it was. What is not a message is given up in any case.
 */
export function reclaimArgs(
  bytes: Buffer,
  consumer: string,
  options: { incrementDeliveryCount: boolean; activity: boolean },
): ScriptArg[] {
  const stepsOf = (...steps: ActivityEntry[]) => activityArgs(options.activity ? steps : []);
  const delivery = parseDelivery(bytes, consumer);
  if (delivery instanceof MalformedMessageError) {
    const { id, text } = malformedRecord(bytes, delivery.message);
    const step = { id, step: 'dead-lettered', reason: 'malformed', error: delivery.message } as const;
    return [bytes, '', text, ...stepsOf(), ...stepsOf(step)];
  }
  if (!options.incrementDeliveryCount) return [bytes, bytes, '', ...stepsOf(), ...stepsOf()];
  const { id, raw, attempt, metadata } = delivery;
  const deliveries = (metadata.delivery_count ?? 0) + 1;
  const why = { reason: 'crash-loop', error: `in hand ${deliveries} times when its consumer died`, attempts: attempt };
  return [
    bytes,
    withMetadata(raw, delivery, { delivery_count: deliveries }),
    deliveries >= maxDeliveryCount ? deadLetterRecord(raw, delivery, why) : '',
    ...stepsOf({ id, step: 'requeued', attempt, reason: 'consumer-died' }),
    ...stepsOf({ id, step: 'dead-lettered', attempt, reason: why.reason, error: why.error }),
  ];
}

/** What the message becomes: '' when it is done with. */
function toSettledText(delivery: Delivery, outcome: Outcome): string {
  if (outcome.kind === 'ack') return '';
  const { raw, metadata, attempt } = delivery;
  const { reason, error } = outcome;
  if (outcome.kind === 'dead-letter') return deadLetterRecord(raw, delivery, { reason, error, attempts: attempt });
  return withMetadata(raw, delivery, {
    retry_count: metadata.retry_count + (outcome.countsAsFailure ? 1 : 0),
    first_failed_at: metadata.first_failed_at ?? serverTimePlaceholder,
    reason,
    last_error: truncate(error),
    // It came to an end this time.
    delivery_count: undefined,
  });
}
