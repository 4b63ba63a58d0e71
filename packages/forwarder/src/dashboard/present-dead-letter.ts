import { NotAPushError, orderSnOf, parsePush } from '@shopee-webhook/shopee';
import type { DeadLetter, PastDeath } from '@shopee-webhook/store';
import type { SpooledDeadLetter } from '../spool/spool.ts';
import type { DeadLetterDetail } from './api-types.ts';
import { titleOf } from './present.ts';

/** A dead letter in Redis as its page shows it; the shop's name is the caller's to add. */
export function deadLetterOf(letter: DeadLetter): DeadLetterDetail {
  const { id, reason, error, attempts, payloadText, garbage, metadata, history } = letter;
  return {
    id,
    reason,
    error,
    attempts,
    code: letter.code ?? null,
    ...titleOf(letter.code),
    shop: letter.shopId ?? null,
    shopName: null,
    sn: payloadText === undefined ? null : orderIn(payloadText),
    source: metadata.source ?? null,
    firstFailedAt: letter.firstFailedAt ?? null,
    deadAt: letter.deadAt ?? null,
    earlierDeaths: history.length,
    replayable: payloadText !== undefined,
    payload: payloadText ?? null,
    garbage: garbage === undefined ? null : 'text' in garbage ? garbage.text : `base64: ${garbage.base64}`,
    metadata: { ...metadata },
    history: history.map(earlierDeathOf),
  };
}

/** The same for one on the disk. */
export function spooledDeadLetterOf(letter: SpooledDeadLetter): DeadLetterDetail {
  const { id, reason, error, attempts, code, shop, sn, firstFailedAt, deadAt, acceptedAt, payloadText, history } =
    letter;
  return {
    id,
    reason,
    error,
    attempts,
    code,
    ...titleOf(code),
    shop: shop ?? null,
    shopName: null,
    sn: sn ?? null,
    source: 'push',
    firstFailedAt,
    deadAt,
    earlierDeaths: history.length,
    replayable: true,
    payload: payloadText,
    garbage: null,
    metadata: { enqueued_at: acceptedAt },
    history: history.map(earlierDeathOf),
  };
}

function earlierDeathOf(death: PastDeath): DeadLetterDetail['history'][number] {
  return {
    reason: death.reason ?? null,
    error: death.error ?? null,
    attempts: death.attempts ?? null,
    deadAt: death.dead_at ?? null,
    replayedAt: death.replayed_at ?? null,
  };
}

function orderIn(payloadText: string): string | null {
  try {
    return orderSnOf(parsePush(payloadText)) ?? null;
  } catch (error) {
    // Another program's message: shown without an order.
    if (error instanceof NotAPushError) return null;
    throw error;
  }
}
