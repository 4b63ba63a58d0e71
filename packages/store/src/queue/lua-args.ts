import { activityArgs } from '../activity/activity-log.ts';
import type { ActivityEntry } from '../activity/activity-entry.ts';
import { truncate, deadLetterRecord, malformedRecord } from '../dead-letters/dead-letter.ts';
import { parseDelivery, type Delivery, type Outcome, type Settlement } from './delivery.ts';
import { MalformedMessageError } from '../redis/errors.ts';
import { serverTimePlaceholder } from '../messages/json.ts';
import { buildMessage, newMessageId, unsuspected, withMetadata } from '../messages/message.ts';
import type { ScriptArg } from '../redis/script.ts';

/** Deliveries without a settlement after which a message is dead-lettered as `crash-loop`, if it was alone at two of them. */
export const maxDeliveryCount = 3;
const maxAloneCount = 2;

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

/** Why messages are reclaimed. `group`: their consumer crashed with so many in flight, and any of them may have been the cause. */
export type ReclaimCause = { kind: 'crash'; group: number } | { kind: 'not-delivered' };

/**
 * One message of a processing list as the reclaim script reads it. What was in flight at a crash becomes a suspect; otherwise
 * it is requeued as it was. What is not a message is dead-lettered in any case.
 */
export function reclaimArgs(bytes: Buffer, consumer: string, cause: ReclaimCause, activity: boolean): ScriptArg[] {
  const toArgs = (...entries: ActivityEntry[]) => activityArgs(activity ? entries : []);
  const delivery = parseDelivery(bytes, consumer);
  if (delivery instanceof MalformedMessageError) {
    const { id, text } = malformedRecord(bytes, delivery.message);
    return [id, bytes, text, 1, ...toArgs({ id, step: 'dead-lettered', reason: 'malformed', error: delivery.message })];
  }
  const { id, raw, attempt, metadata } = delivery;
  if (cause.kind === 'not-delivered') return [id, bytes, bytes, '', ...toArgs()];
  const deliveries = (metadata.delivery_count ?? 0) + 1;
  const alone = (metadata.alone_count ?? 0) + (cause.group === 1 ? 1 : 0);
  if (deliveries >= maxDeliveryCount && alone >= maxAloneCount) {
    const error = `in flight at ${deliveries} crashes of a consumer`;
    const failure = { reason: 'crash-loop', error, attempts: attempt };
    const entry = { id, step: 'dead-lettered', attempt, reason: failure.reason, error } as const;
    return [id, bytes, deadLetterRecord(raw, delivery, failure), 1, ...toArgs(entry)];
  }
  const suspicion = {
    delivery_count: deliveries,
    group_size: cause.group,
    alone_count: alone === 0 ? undefined : alone,
  };
  const entry = { id, step: 'requeued', attempt, reason: 'consumer-died' } as const;
  return [id, bytes, withMetadata(raw, delivery, suspicion), '', ...toArgs(entry)];
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
    ...unsuspected,
  });
}
