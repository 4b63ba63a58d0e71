import { Anchor, Paper, Stack, Table, Tabs, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Money, MoneyOrderList } from '@shopee-webhook/contracts/dashboard-api';
import { Link, useSearchParams } from 'wouter';
import { moneyQuery, shopsQuery } from '../api/queries.ts';
import { formatDayMinute, pluralize } from '../format/format.ts';
import { Page } from '../layout/page.tsx';
import { Mono } from '../parts/mono.tsx';
import { QueryBoundary } from '../parts/query-boundary.tsx';
import { RelativeTime } from '../parts/relative-time.tsx';
import { StatementPanel } from './statement-panel.tsx';
import { WalletMonths } from './wallet-months.tsx';

const lists = ['overdue', 'differs', 'unexplained', 'costs'] as const;
type List = (typeof lists)[number];

/** Does the bank agree? Orders whose payout does not, the wallets month by month, and statements. */
export function MoneyPage() {
  const query = useQuery(moneyQuery);
  return (
    <Page
      title="Money"
      about="What Shopee settles, what it paid out, and what the wallet received. The tabs Payouts, Payout days and Wallet of the sheet have every row."
    >
      <QueryBoundary query={query}>
        {(money) => (
          <Stack gap="lg">
            <Lists money={money} />
            <WalletMonths months={money.months} />
            <StatementPanel shops={money.shops} />
          </Stack>
        )}
      </QueryBoundary>
    </Page>
  );
}

function Lists({ money }: { money: Money }) {
  const [parameters, setParameters] = useSearchParams();
  const chosen = lists.find((one) => one === parameters.get('list')) ?? 'overdue';
  const label = (title: string, list: MoneyOrderList | null) =>
    `${title} (${list === null ? '–' : String(list.orders)})`;
  return (
    <Paper withBorder p="md">
      <Text size="sm" c="dimmed" mb="sm">
        {money.checkedAt === null ? (
          'The payouts were not checked yet: the job “payout-check” does it every hour.'
        ) : (
          <>
            Checked <RelativeTime at={money.checkedAt} />.
          </>
        )}
      </Text>
      <Tabs value={chosen} onChange={(list: string | null) => setParameters({ list: list ?? 'overdue' })}>
        <Tabs.List>
          <Tabs.Tab value="overdue">{label('Overdue', money.overdue)}</Tabs.Tab>
          <Tabs.Tab value="differs">{label('Differs', money.differs)}</Tabs.Tab>
          <Tabs.Tab value="unexplained">{label('Unexplained', money.unexplained)}</Tabs.Tab>
          <Tabs.Tab value="costs">Cost missing</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value={chosen} pt="md">
          <ListPanel chosen={chosen} money={money} />
        </Tabs.Panel>
      </Tabs>
    </Paper>
  );
}

const explanations: Record<Exclude<List, 'costs'>, string> = {
  overdue: 'Completed orders that were not paid out in time.',
  differs: 'Paid out, and what arrived is not the final amount.',
  unexplained: 'The escrow amount is not the sum of its parts: Shopee charges or pays something that is not read yet.',
};

function ListPanel({ chosen, money }: { chosen: List; money: Money }) {
  if (chosen === 'costs') return <CostHint />;
  const list = money[chosen];
  if (list === null) return <Text size="sm">Not known yet.</Text>;
  if (list.orders === 0) return <Text size="sm">{explanations[chosen]} There are none.</Text>;
  const sums = list.sumTexts.map((text) => text ?? '–').join(', ');
  return (
    <>
      <Text size="sm" mb="sm">
        {explanations[chosen]} {pluralize(list.orders, 'order')}, {sums}.
        {list.named.length < list.orders && ` The ${String(list.named.length)} oldest:`}
      </Text>
      <OrderTable list={list} />
    </>
  );
}

function OrderTable({ list }: { list: MoneyOrderList }) {
  return (
    <Table.ScrollContainer minWidth={0} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table verticalSpacing={8} fz="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Order</Table.Th>
            <Table.Th>Due or paid</Table.Th>
            <Table.Th ta="right">Amount</Table.Th>
            <Table.Th>Reason</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {list.named.map(({ shop, shopName, sn, amountText, at, reason }) => (
            <Table.Tr key={`${shop} ${sn}`}>
              <Table.Td>
                <Anchor component={Link} size="sm" display="inline-block" py={3} href={`/orders/${sn}?shop=${shop}`}>
                  <Mono>{sn}</Mono>
                </Anchor>
                <Text size="xs" c="dimmed">
                  {shopName ?? shop}
                </Text>
              </Table.Td>
              <Table.Td>{formatDayMinute(at)}</Table.Td>
              <Table.Td ta="right">{amountText ?? '–'}</Table.Td>
              <Table.Td>{reason}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** The costs are the seller's, in the sheet. */
function CostHint() {
  const { data } = useQuery(shopsQuery);
  const urls = [...new Set((data?.shops ?? []).flatMap(({ spreadsheetUrl }) => spreadsheetUrl ?? []))];
  return (
    <Text size="sm">
      The tab Costs of the sheet lists the SKUs that were sold and have no cost.{' '}
      {urls.map((url) => (
        <Anchor key={url} href={url} target="_blank" rel="noreferrer" inherit underline="always">
          Open the sheet
        </Anchor>
      ))}
    </Text>
  );
}
