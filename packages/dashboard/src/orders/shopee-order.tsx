import { Divider, Group, Stack, Table, Text, Title } from '@mantine/core';
import type { ShopeeOrderDetails } from '@shopee-webhook/contracts/worker-rpc';
import { formatExactTime } from '../format/format.ts';
import { OrderStatusBadge } from './order-status-badge.tsx';
import { DescriptionList } from '../parts/description-list.tsx';

/** An order as Shopee returns it: status, buyer, items, income. */
export function ShopeeOrder({ order }: { order: ShopeeOrderDetails }) {
  const { buyer, items, income } = order;
  return (
    <Stack gap="md">
      <DescriptionList
        items={[
          ['Status', order.status === null ? null : <OrderStatusBadge key="s" status={order.status} />],
          ['Total', order.totalText],
          ['Payment', order.paymentMethod],
          ['Placed', formatOptionalTime(order.createdAt)],
          ['Paid', formatOptionalTime(order.paidAt)],
          ['Ship by', formatOptionalTime(order.shipBy)],
          ['Changed', formatOptionalTime(order.updatedAt)],
          ['Carrier', order.carrier],
          ['Tracking', order.trackingNumbers.join(', ')],
          ['Buyer', [buyer.name, buyer.username].filter((name) => name !== null).join(' · ')],
          ['Phone', buyer.phone],
          ['Address', buyer.address],
          ['Message', order.messageToSeller],
          ['Note', order.note],
          ['Canceled', order.cancelReason],
        ]}
      />
      <Divider />
      <Title order={4} size="h6">
        Items
      </Title>
      <Table fz="sm" verticalSpacing={6} horizontalSpacing={0} withRowBorders={false}>
        <Table.Tbody>
          {items.map((item, index) => (
            <Table.Tr key={index}>
              <Table.Td>
                {item.name}
                <Text size="xs" c="dimmed">
                  {[item.variation, item.sku].filter((text) => text !== null && text !== '').join(' · ')}
                </Text>
              </Table.Td>
              <Table.Td ta="right">× {item.quantity}</Table.Td>
              <Table.Td ta="right" style={{ whiteSpace: 'nowrap' }}>
                {item.priceText}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {income.length > 0 && (
        <>
          <Title order={4} size="h6">
            Income
          </Title>
          <Stack gap={4}>
            {income.map((line) => (
              <IncomeLine key={line.label} {...line} />
            ))}
          </Stack>
        </>
      )}
    </Stack>
  );
}

function IncomeLine({ label, text, isSum }: { label: string; text: string; isSum: boolean }) {
  return (
    <Group justify="space-between" wrap="nowrap">
      <Text size="sm" {...(isSum ? { fw: 650 } : { c: 'dimmed' })}>
        {label}
      </Text>
      <Text size="sm" fw={isSum ? 650 : 400}>
        {text}
      </Text>
    </Group>
  );
}

function formatOptionalTime(at: number | null): string | null {
  return at === null ? null : formatExactTime(at);
}
