import { EmptyState, Paper, Table } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import type { SettingChangeItem } from '@shopee-webhook/contracts/dashboard-api';
import { formatExactTime } from '../format/format.ts';
import { Mono } from '../parts/mono.tsx';

/** Who changed what, and when. */
export function ChangeTable({ changes }: { changes: readonly SettingChangeItem[] }) {
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
                  <Table.Td>{change.from ?? 'environment value'}</Table.Td>
                  <Table.Td>{change.to ?? 'environment value'}</Table.Td>
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
