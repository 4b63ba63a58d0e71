import { MalformedPushError, orderSnOf, parsePush } from '@shopee-webhook/shopee';
import type { DeadLetter, PreviousDeadLetter } from '@shopee-webhook/store';
import type { SpooledDeadLetter } from '../../spool/spool.ts';
import type { DeadLetterDetail } from '@shopee-webhook/contracts/dashboard-api';
import { eventTitle } from './event-serializer.ts';

/** A dead letter in Redis as its page shows it; the shop's name is the caller's to add. */
export function toDeadLetterDetail(letter: DeadLetter): DeadLetterDetail {
  const { id, reason, error, attempts, payloadText, malformed, metadata, history } = letter;
  return {
    id,
    reason,
    error,
    attempts,
    code: letter.code ?? null,
    ...eventTitle(letter.code),
    shop: letter.shopId ?? null,
    shopName: null,
    sn: payloadText === undefined ? null : parseOrderSn(payloadText),
    source: metadata.source ?? null,
    firstFailedAt: letter.firstFailedAt ?? null,
    deadLetteredAt: letter.deadLetteredAt ?? null,
    previousFailures: history.length,
    replayable: payloadText !== undefined,
    payload: payloadText ?? null,
    malformed: malformed === undefined ? null : 'text' in malformed ? malformed.text : `base64: ${malformed.base64}`,
    metadata: { ...metadata },
    history: history.map(toPreviousFailure),
  };
}

/** The same for one on the disk. */
export function spooledToDetail(letter: SpooledDeadLetter): DeadLetterDetail {
  const {
    id,
    reason,
    error,
    attempts,
    code,
    shop,
    sn,
    firstFailedAt,
    deadLetteredAt,
    acceptedAt,
    payloadText,
    history,
  } = letter;
  return {
    id,
    reason,
    error,
    attempts,
    code,
    ...eventTitle(code),
    shop: shop ?? null,
    shopName: null,
    sn: sn ?? null,
    source: 'push',
    firstFailedAt,
    deadLetteredAt,
    previousFailures: history.length,
    replayable: true,
    payload: payloadText,
    malformed: null,
    metadata: { enqueued_at: acceptedAt },
    history: history.map(toPreviousFailure),
  };
}

function toPreviousFailure(previous: PreviousDeadLetter): DeadLetterDetail['history'][number] {
  return {
    reason: previous.reason ?? null,
    error: previous.error ?? null,
    attempts: previous.attempts ?? null,
    deadLetteredAt: previous.dead_at ?? null,
    replayedAt: previous.replayed_at ?? null,
  };
}

function parseOrderSn(payloadText: string): string | null {
  try {
    return orderSnOf(parsePush(payloadText)) ?? null;
  } catch (error) {
    // Another program's message: shown without an order.
    if (error instanceof MalformedPushError) return null;
    throw error;
  }
}
