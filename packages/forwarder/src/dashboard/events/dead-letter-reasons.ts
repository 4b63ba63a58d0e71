const descriptions: Readonly<Record<string, string>> = {
  'crash-loop': 'The worker crashed every time it processed this event. Check its log, then replay.',
  malformed: 'Not a message: another program put it into the queue. It cannot be replayed.',
  'not-a-push': 'The message contains no push. Another program may have put it there.',
  'no-shop': 'The push names an order but no shop, so its order cannot be fetched.',
  'order-not-found': 'Shopee does not know this order in this shop. Replay it later, or discard it.',
  'version-conflict':
    'The order’s row holds a newer version than Shopee gives. If somebody changed its Version cell, clear that; then replay.',
  'sheet-rejected': 'Google rejected this row. See the error below.',
  'handler-error': 'An unexpected error. Replay it after an update; see the error below.',
  'shopee-configuration': 'Shopee rejects the call until something is changed: permissions, IP list, app status.',
  'shopee-retry-later': 'Shopee serves the shop, but failed every time with this order. Replay it later.',
  'shopee-reauthorize': 'Reconnect the shop, then replay.',
  'shopee-not-found': 'Shopee does not know what was requested.',
  'shopee-bad-request': 'Shopee rejected the request as invalid. See the error below.',
  unknown: 'Another program dead-lettered it without a reason.',
};

/** What a dead letter's reason means and what to do. */
export function describeReason(reason: string): string {
  return descriptions[reason] ?? 'All retries failed. See the last error below.';
}
