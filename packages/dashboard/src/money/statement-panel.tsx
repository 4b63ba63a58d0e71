import { useState } from 'react';
import { Button, Group, Paper, Select, Stack, Table, Text, TextInput, Title } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { Money, StatementView } from '@shopee-webhook/contracts/dashboard-api';
import { statementQuery } from '../api/queries.ts';
import { startOfDay, toIsoDate } from '../format/zone.ts';
import { QueryBoundary } from '../parts/query-boundary.tsx';

/** A month's statement of a shop: here, and as a workbook. */
export function StatementPanel({ shops }: { shops: Money['shops'] }) {
  const [shop, setShop] = useState<string | null>(shops[0]?.shop ?? null);
  const [month, setMonth] = useState(lastMonth);
  const [shown, setShown] = useState<{ shop: string; month: string }>();
  const isValid = shop !== null && /^\d{4}-(?:0[1-9]|1[0-2])$/.test(month);
  return (
    <Paper withBorder p="md" component="section" aria-label="Statement">
      <Title order={2} size="h4">
        Statement
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        By release date, from the sheet as it is now. The workbook has each order, transaction and return behind it.
      </Text>
      <Group align="flex-end" gap="sm" mb="md">
        <Select
          label="Shop"
          data={shops.map((one) => ({ value: one.shop, label: one.name ?? one.shop }))}
          value={shop}
          onChange={setShop}
          allowDeselect={false}
        />
        <TextInput
          label="Month"
          type="month"
          placeholder="2026-11"
          value={month}
          onChange={(event) => setMonth(event.currentTarget.value)}
        />
        <Button disabled={!isValid} onClick={() => isValid && setShown({ shop, month })}>
          Show
        </Button>
        {isValid && (
          <Button
            component="a"
            variant="default"
            href={`/api/statements/${shop}/${month}/file`}
            download
            leftSection={<IconDownload size={16} />}
          >
            Excel
          </Button>
        )}
      </Group>
      {shown !== undefined && <ShownStatement {...shown} />}
    </Paper>
  );
}

/** The last one that is complete. */
function lastMonth(): string {
  const first = startOfDay(`${toIsoDate(Date.now()).slice(0, 7)}-01`);
  return toIsoDate(first - 1).slice(0, 7);
}

function ShownStatement({ shop, month }: { shop: string; month: string }) {
  const query = useQuery(statementQuery(shop, month));
  return (
    <QueryBoundary query={query}>
      {({ statements }) =>
        statements.length === 0 ? (
          <Text size="sm">Nothing was paid out in {month}, and the wallet did not move.</Text>
        ) : (
          <Stack gap="lg">
            {statements.map((one) => (
              <StatementTable key={one.currency} statement={one} month={month} />
            ))}
          </Stack>
        )
      }
    </QueryBoundary>
  );
}

function StatementTable({ statement, month }: { statement: StatementView['statements'][number]; month: string }) {
  return (
    <Table fz="sm" verticalSpacing={4} maw={640} captionSide="top">
      <Table.Caption>
        {month}, {statement.currency}
      </Table.Caption>
      <Table.Tbody>
        {statement.lines.map(({ label, text, kind, note }, index) => (
          <Table.Tr key={`${String(index)} ${label}`}>
            <Table.Th scope="row" fw={kind === 'amount' ? 400 : 650} {...(kind === 'section' ? { colSpan: 2 } : {})}>
              {label}
              {note !== null && (
                <Text size="xs" c="dimmed">
                  {note}
                </Text>
              )}
            </Table.Th>
            {kind !== 'section' && (
              <Table.Td ta="right" fw={kind === 'total' ? 650 : 400}>
                {text ?? '–'}
              </Table.Td>
            )}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
