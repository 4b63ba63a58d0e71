import { EmptyState, Paper, Table } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import type { SettingChangeItem } from '@shopee-webhook/contracts/dashboard-api';
import { formatExactTime } from '../format/format.ts';
import { Mono } from '../parts/mono.tsx';
import { useEventTypes } from '../parts/use-event-types.ts';

/** Who changed what, and when. */
export function ChangeTable({ changes }: { changes: readonly SettingChangeItem[] }) {
  const titles = new Map(useEventTypes().map(({ code, title }) => [String(code), title]));
  return (
    <Paper withBorder>
      {changes.length === 0 ? (
        <EmptyState
          py="xl"
          icon={<IconHistory />}
          title="No changes"
          description="All settings come from the environment."
        />
      ) : (
        <Table.ScrollContainer minWidth={680} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
          <Table fz="sm" verticalSpacing={8}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>When</Table.Th>
                <Table.Th>Setting</Table.Th>
                <Table.Th>From</Table.Th>
                <Table.Th>To</Table.Th>
                <Table.Th>By</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {changes.map((change, index) => (
                <Table.Tr key={index}>
                  <Table.Td>{formatExactTime(change.at)}</Table.Td>
                  <Table.Td>
                    <Mono>{change.name}</Mono>
                  </Table.Td>
                  <Table.Td>{changeText(change.name, change.from, titles)}</Table.Td>
                  <Table.Td>{changeText(change.name, change.to, titles)}</Table.Td>
                  <Table.Td>{change.by}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Paper>
  );
}

/** A setting's value for people: titles in place of codes, a state in place of a time. */
function changeText(name: string, value: string | null, titles: ReadonlyMap<string, string>): string {
  if (name === 'CONSUMERS_PAUSED') return value === null ? 'running' : `paused since ${formatExactTime(Number(value))}`;
  if (value === null) return 'environment value';
  if (value === '' || value === '[]') return 'none';
  if (name === 'ORDER_EVENT_CODES' || name === 'TELEGRAM_MUTE') {
    return value
      .split(',')
      .map((code) => titles.get(code) ?? code)
      .join(', ');
  }
  return value;
}
