import { Paper, Table, Text, Title } from '@mantine/core';
import type { Money } from '@shopee-webhook/contracts/dashboard-api';
import { formatCount } from '../format/format.ts';

/** Opening and closing balance of each month of each wallet. */
export function WalletMonths({ months }: { months: Money['months'] }) {
  return (
    <Paper withBorder p="md" component="section" aria-label="Wallet">
      <Title order={2} size="h4" mb="xs">
        Wallet
      </Title>
      {months.length === 0 ? (
        <Text size="sm">No wallet with a balance was read yet: the job “wallet” does it every six hours.</Text>
      ) : (
        <Table.ScrollContainer minWidth={700} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
          <Table verticalSpacing={8} fz="sm">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Month</Table.Th>
                <Table.Th>Shop</Table.Th>
                <Table.Th ta="right">Opening</Table.Th>
                <Table.Th ta="right">Added</Table.Th>
                <Table.Th ta="right">Deducted</Table.Th>
                <Table.Th ta="right">Unexplained</Table.Th>
                <Table.Th ta="right">Closing</Table.Th>
                <Table.Th ta="right">Transactions</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {months.map((month) => (
                <Table.Tr key={`${month.shop} ${month.month}`}>
                  <Table.Td style={{ whiteSpace: 'nowrap' }}>{month.month}</Table.Td>
                  <Table.Td>{month.shopName ?? month.shop}</Table.Td>
                  <Table.Td ta="right">{month.openingText}</Table.Td>
                  <Table.Td ta="right">{month.addedText}</Table.Td>
                  <Table.Td ta="right">{month.deductedText}</Table.Td>
                  <Table.Td ta="right" {...(month.gapText === null ? {} : { c: 'red', fw: 600 })}>
                    {month.gapText ?? '0'}
                  </Table.Td>
                  <Table.Td ta="right">{month.closingText}</Table.Td>
                  <Table.Td ta="right">{formatCount(month.transactions)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Paper>
  );
}
