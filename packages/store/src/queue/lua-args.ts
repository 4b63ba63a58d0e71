import { activityArgs } from '../activity/activity-log.ts';
import type { ActivityEntry } from '../activity/activity-entry.ts';
import { truncate, deadLetterRecord, malformedRecord } from '../dead-letters/dead-letter.ts';
import { parseDelivery, type Delivery, type Outcome, type Settlement } from './delivery.ts';
import { MalformedMessageError } from '../redis/errors.ts';
import { serverTimePlaceholder } from '../messages/json.ts';
import { buildMessage, newMessageId, withMetadata } from '../messages/message.ts';
import type { ScriptArg } from '../redis/script.ts';

/** Deliveries without a settlement after which a message is dead-lettered as `crash-loop`. */
export const maxDeliveryCount = 3;

/** One settlement as the settle script reads it. */
export function settlementArgs(settlement: Settlement, parts: { outbox: boolean; activity: boolean }): ScriptArg[] {
  const { delivery, outcome, notification, activity = [] } = settlement;
  const note = notification === undefined || !parts.outbox ? '' : buildMessage(newMessageId(), notification);
  const delayMs = outcome.kind === 'retry' ? Math.max(0, Math.round(outcome.delayMs)) : 0;
  const failed = outcome.kind === 'dead-letter' || (outcome.kind === 'retry' && outcome.countsAsFailure);
  const written = parts.activity ? activity : [];
  return [
    delivery.id,
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
 * One message of a processing list as the reclaim script reads it. `incrementDeliveryCount`: its consumer died, which may have
 * been its doing; otherwise it is requeued as it was. What is not a message is dead-lettered in any case.
 */
export function reclaimArgs(
  bytes: Buffer,
  consumer: string,
  options: { incrementDeliveryCount: boolean; activity: boolean },
): ScriptArg[] {
  const toArgs = (...entries: ActivityEntry[]) => activityArgs(options.activity ? entries : []);
  const delivery = parseDelivery(bytes, consumer);
  if (delivery instanceof MalformedMessageError) {
    const { id, text } = malformedRecord(bytes, delivery.message);
    const entry = { id, step: 'dead-lettered', reason: 'malformed', error: delivery.message } as const;
    return [id, bytes, '', text, ...toArgs(), ...toArgs(entry)];
  }
  if (!options.incrementDeliveryCount) return [delivery.id, bytes, bytes, '', ...toArgs(), ...toArgs()];
  const { id, raw, attempt, metadata } = delivery;
  const count = (metadata.delivery_count ?? 0) + 1;
  const failure = { reason: 'crash-loop', error: `in flight at ${count} crashes of a consumer`, attempts: attempt };
  return [
    id,
    bytes,
    withMetadata(raw, delivery, { delivery_count: count }),
    count >= maxDeliveryCount ? deadLetterRecord(raw, delivery, failure) : '',
    ...toArgs({ id, step: 'requeued', attempt, reason: 'consumer-died' }),
    ...toArgs({ id, step: 'dead-lettered', attempt, reason: failure.reason, error: failure.error }),
  ];
}

/** What the message becomes; '' when it is settled for good. */
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
    // This delivery was settled.
    delivery_count: undefined,
  });
}
