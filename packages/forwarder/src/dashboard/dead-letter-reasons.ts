const descriptions: Readonly<Record<string, string>> = {
  'crash-loop': 'The worker ended each time it had this event in hand. Look at its log, then replay.',
  malformed: 'What lay in the queue is no message: another program put it there. It can only be looked at.',
  'not-a-push': 'The message holds no push. Another program may have put it there.',
  'no-shop': 'The push names an order and no shop, so that its order cannot be fetched.',
  'order-not-found': 'Shopee does not know this order in this shop. Replay it later, or discard it.',
  overtaken:
    'The order’s row holds a newer version than Shopee gives. If somebody changed its Version cell, clear that; then replay.',
  'sheet-refused': 'Google takes every row but this one. Its words are below.',
  'handler-error': 'An error that was not foreseen. Replay it after an update; its words are below.',
  'shopee-operator': 'Shopee refuses the call until something is changed: permissions, IP list, app status.',
  'shopee-retry-later': 'Shopee serves the shop, and failed each time with this order. Replay it later.',
  'shopee-reauthorize': 'The shop must be connected again. Then replay.',
  'shopee-not-found': 'Shopee does not know what was asked for.',
  'shopee-bad-request': 'Shopee says that the question was wrong. Its words are below.',
  unknown: 'Another program gave it up without a reason.',
};

/** What a dead letter's reason means and what to do, for a person. */
export function describeReason(reason: string): string {
  return descriptions[reason] ?? 'It was tried several times without success. The last error is below.';
}
