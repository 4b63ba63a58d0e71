import { Alert, Anchor, Badge, Group, Stack, Switch, Table, Text, Title } from '@mantine/core';
import { modals } from '@mantine/modals';
import { useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import type { CellValue, DryRun } from '@shopee-webhook/contracts/worker-rpc';
import { send } from '../api/client.ts';
import { QueryBoundary } from '../parts/query-boundary.tsx';

/** Opens a preview of what processing the event would write. */
export function openDryRun(id: string): void {
  modals.open({
    title: 'Dry run: current row and result',
    size: 'xl',
    closeButtonProps: { 'aria-label': 'Close' },
    children: <DryRunView id={id} />,
  });
}

function DryRunView({ id }: { id: string }) {
  const query = useQuery({
    queryKey: ['dry-run', id],
    queryFn: () => send<DryRun>(`/events/${encodeURIComponent(id)}/dry-run`),
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  return (
    <QueryBoundary query={query} lines={6}>
      {({ noChangeReason, tabs }) => (
        <Stack>
          {noChangeReason !== null && <Alert color="blue">{noChangeReason}</Alert>}
          {tabs.map((tab) => (
            <Tab key={`${tab.tab} ${tab.key}`} tab={tab} />
          ))}
        </Stack>
      )}
    </QueryBoundary>
  );
}

function Tab({ tab: { tab, row, link, cells, stale } }: { tab: DryRun['tabs'][number] }) {
  const changes = cells.filter((cell) => cell.changes);
  const [all, setAll] = useState(false);
  const shown = all ? cells : changes;
  return (
    <Stack gap="xs">
      <Group gap="sm">
        <Title order={3} size="h5">
          {tab}
        </Title>
        <Badge variant="default" tt="none">
          {row === null ? 'a new row' : `row ${String(row)}`}
        </Badge>
        {link !== null && (
          <Anchor href={link} target="_blank" rel="noreferrer" size="sm">
            Open
          </Anchor>
        )}
        <Switch
          size="xs"
          ml="auto"
          label="All columns"
          checked={all}
          onChange={(event) => setAll(event.currentTarget.checked)}
        />
      </Group>
      {stale && <Alert color="orange">The row is newer, so nothing would be written.</Alert>}
      {shown.length === 0 ? (
        <Text size="sm" c="dimmed">
          No cell would change.
        </Text>
      ) : (
        <Table withTableBorder layout="fixed" fz="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Column</Table.Th>
              <Table.Th>Current</Table.Th>
              <Table.Th>New</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map(({ column, title, before, after, changes: changed }) => (
              <Table.Tr key={column} {...(changed ? { bg: 'var(--mantine-color-yellow-light)' } : {})}>
                <Table.Td>{title}</Table.Td>
                <Table.Td>{textOf(before)}</Table.Td>
                <Table.Td fw={changed ? 600 : 400}>{textOf(after)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Stack>
  );
}

function textOf(value: CellValue): string {
  return value === null ? '' : String(value);
}
