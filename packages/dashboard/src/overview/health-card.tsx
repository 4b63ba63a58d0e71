import {
  Anchor,
  Box,
  Divider,
  Group,
  Paper,
  SimpleGrid,
  Text,
  ThemeIcon,
  Title,
  Tooltip,
  VisuallyHidden,
} from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconQuestionMark, IconX } from '@tabler/icons-react';
import type { Overview, ShopReconciliation } from '@shopee-webhook/contracts/dashboard-api';
import { Link } from 'wouter';
import { formatCount, formatDate, pluralize, formatSpan } from '../format/format.ts';
import { levelColors } from '../parts/level.ts';
import { RelativeTime } from '../parts/relative-time.tsx';

const icons = { ok: IconCheck, warning: IconAlertTriangle, failing: IconX, unknown: IconQuestionMark } as const;

/** The headline, and the reconciliation behind it. */
export function HealthCard({ overview }: { overview: Overview }) {
  const { headline, reconciliations, deadLetters } = overview;
  const StatusIcon = icons[headline.level];
  return (
    <Paper withBorder p={{ base: 'md', sm: 'lg' }} radius="lg" component="section" aria-label="Health">
      <Group wrap="nowrap" align="flex-start" gap="lg">
        <ThemeIcon size={52} radius="xl" color={levelColors[headline.level]} variant="light">
          <StatusIcon size={28} stroke={2.2} />
        </ThemeIcon>
        <Box flex={1} miw={0}>
          <Title order={2} size="h2">
            <span role="status">{headline.text}</span>
          </Title>
          <Text c="dimmed" mt={4}>
            {pendingText(overview)}
            {deadLetters !== null && deadLetters > 0 && (
              <>
                {' '}
                <Anchor component={Link} href="/dead-letters" inherit underline="always">
                  Open the dead letters
                </Anchor>
              </>
            )}
          </Text>
        </Box>
      </Group>
      <Divider my="md" />
      <ReconciliationList accounts={reconciliations} />
    </Paper>
  );
}

function pendingText({ pending, oldestPendingSeconds }: Overview): string {
  if (pending === null) return 'Events waiting: unknown.';
  if (pending === 0) return 'Nothing is waiting.';
  const age = oldestPendingSeconds ?? 0;
  return `${pluralize(pending, 'event')} pending${age === 0 ? '' : `, the oldest for ${formatSpan(age * 1000)}`}.`;
}

function ReconciliationList({ accounts }: { accounts: readonly ShopReconciliation[] }) {
  if (accounts.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        No reconciliation yet: the first run counts the orders at Shopee and in the sheet.{' '}
        <Anchor component={Link} href="/jobs" inherit underline="always">
          Jobs
        </Anchor>
      </Text>
    );
  }
  return (
    <SimpleGrid
      cols={{ base: 1, md: Math.min(2, accounts.length), xl: Math.min(3, accounts.length) }}
      spacing="xl"
      verticalSpacing="md"
    >
      {accounts.map((account) => (
        <ReconciliationItem key={account.shop} account={account} />
      ))}
    </SimpleGrid>
  );
}

function ReconciliationItem({ account }: { account: ShopReconciliation }) {
  const { missing, ordersAtShopee, ordersInSheet, repaired } = account;
  return (
    <div>
      <Group justify="space-between" wrap="nowrap" align="baseline">
        <Text size="sm" fw={600} truncate>
          {account.shopName ?? `Shop ${account.shop}`}
        </Text>
        <Text size="sm" style={{ whiteSpace: 'nowrap' }}>
          {ordersAtShopee === 0 ? (
            'Nothing to compare'
          ) : (
            <>
              <Text span inherit fw={650} c={missing === 0 ? 'inherit' : 'red'}>
                {formatCount(missing)} missing
              </Text>{' '}
              of {pluralize(ordersAtShopee, 'order')}
            </>
          )}
        </Text>
      </Group>
      <DayBars days={account.days} />
      <Text size="xs" c="dimmed" mt={6}>
        {ordersAtShopee === 0 ? 'No orders at Shopee' : `${formatCount(ordersInSheet)} in the sheet`} from{' '}
        {formatDate(account.days[0]?.date ?? '')} to {formatDate(account.days.at(-1)?.date ?? '')}, checked{' '}
        <RelativeTime at={account.checkedAt} />
        {repaired > 0 && `, ${formatCount(repaired)} repaired`}
      </Text>
    </div>
  );
}

/** One bar per compared day. */
function DayBars({ days }: { days: ShopReconciliation['days'] }) {
  return (
    <Group gap={3} mt={8} component="ul" p={0} m={0} wrap="nowrap" style={{ listStyle: 'none' }}>
      {days.map(({ date, listed, inSheet, missing }) => {
        const text =
          listed === 0
            ? `${date}: no orders`
            : `${date}: ${formatCount(inSheet)} of ${pluralize(listed, 'order')} in the sheet`;
        const color = missing > 0 ? 'orange.5' : listed > 0 ? 'green.6' : 'var(--mantine-color-default-border)';
        return (
          <Tooltip key={date} label={text}>
            <Box component="li" flex={1} h={10} bg={color} style={{ borderRadius: 3 }}>
              <VisuallyHidden>{text}</VisuallyHidden>
            </Box>
          </Tooltip>
        );
      })}
    </Group>
  );
}
