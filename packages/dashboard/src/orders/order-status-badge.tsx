import { Badge } from '@mantine/core';

const successStatuses = new Set(['SHIPPED', 'TO_CONFIRM_RECEIVE', 'COMPLETED']);

/** An order's status as Shopee names it. */
export function OrderStatusBadge({ status }: { status: string }) {
  const color = successStatuses.has(status) ? 'green' : /CANCEL|RETURN/.test(status) ? 'red' : 'orange';
  return (
    <Badge variant="dot" color={color} tt="none" miw="max-content">
      {status}
    </Badge>
  );
}
