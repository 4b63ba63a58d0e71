import { Group, Text } from '@mantine/core';
import type { Sales } from '@shopee-webhook/contracts/dashboard-api';
import { formatCount } from '../format/format.ts';
import classes from './kpi-cards.module.css';

/** Orders placed today and their sales, by currency. */
export function SalesCard({ sales }: { sales: readonly Sales[] }) {
  const orders = sales.reduce((sum, one) => sum + one.orders, 0);
  const cancelled = sales.reduce((sum, one) => sum + one.cancelled, 0);
  return (
    <Group gap="xs" align="flex-start" className={classes['orders']}>
      <div>
        <Text size="xs" c="dimmed" fw={500} style={{ whiteSpace: 'nowrap' }}>
          Orders today
        </Text>
        <Text fz={{ base: 20, sm: 24 }} fw={650} lh={1.35}>
          {formatCount(orders)}
        </Text>
        <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
          {formatCount(cancelled)} canceled
        </Text>
      </div>
      {sales.length > 0 && (
        <table className={classes['sales']}>
          <thead>
            <tr>
              <th scope="col">Gross</th>
              <th scope="col">{sales[0]?.netLabel}</th>
            </tr>
          </thead>
          <tbody>
            {sales.map(({ currency, grossText, netText, netOrders, orders: placed }) => (
              <tr key={currency}>
                <td>
                  <b>{grossText}</b>
                </td>
                <td>
                  {netOrders === 0 ? '–' : netText}
                  {/* Shopee publishes an order's income some time after the order. */}
                  {netOrders < placed && (
                    <Text span size="xs" c="dimmed">
                      {' '}
                      of {formatCount(netOrders)}
                    </Text>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Group>
  );
}
