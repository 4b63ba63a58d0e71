import { Anchor, Checkbox, Group, Table, Text } from '@mantine/core';
import type { DeadLetterItem } from '@shopee-webhook/contracts/dashboard-api';
import { EventIcon } from '../parts/event-icon.tsx';
import { Mono } from '../parts/mono.tsx';
import { useIsMobile } from '../parts/use-is-mobile.ts';
import { RelativeTime } from '../parts/relative-time.tsx';

export interface DeadLetterTableProps {
  deadLetters: readonly DeadLetterItem[];
  selected: ReadonlySet<string>;
  onSelectionChange: (selected: ReadonlySet<string>) => void;
  onOpen: (id: string) => void;
}

export function DeadLetterTable({ deadLetters, selected, onSelectionChange, onOpen }: DeadLetterTableProps) {
  const all = deadLetters.length > 0 && deadLetters.every(({ id }) => selected.has(id));
  const toggle = (id: string): void => {
    const next = new Set(selected);
    if (!next.delete(id)) next.add(id);
    onSelectionChange(next);
  };
  const isMobile = useIsMobile();
  return (
    <Table.ScrollContainer minWidth={isMobile ? 0 : 760} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table highlightOnHover verticalSpacing={8} fz="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={44}>
              <Checkbox
                aria-label="Select all on this page"
                checked={all}
                indeterminate={selected.size > 0 && !all}
                onChange={() => onSelectionChange(all ? new Set() : new Set(deadLetters.map(({ id }) => id)))}
              />
            </Table.Th>
            <Table.Th>Event</Table.Th>
            {!isMobile && (
              <>
                <Table.Th>Order</Table.Th>
                <Table.Th>Reason</Table.Th>
                <Table.Th ta="right">Attempts</Table.Th>
              </>
            )}
            <Table.Th>Dead-lettered at</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {deadLetters.map((letter) => (
            <Table.Tr key={letter.id} {...(selected.has(letter.id) ? { bg: 'var(--app-selected)' } : {})}>
              <Table.Td>
                <Checkbox
                  aria-label={`Select ${letter.title} ${letter.sn ?? letter.id}`}
                  checked={selected.has(letter.id)}
                  onChange={() => toggle(letter.id)}
                />
              </Table.Td>
              <Table.Td>
                <Group gap={8} wrap="nowrap">
                  <EventIcon code={letter.code} />
                  <Anchor
                    component="button"
                    type="button"
                    size="sm"
                    c="inherit"
                    ta="left"
                    onClick={() => onOpen(letter.id)}
                  >
                    {letter.title}
                  </Anchor>
                </Group>
                <Text size="xs" c="dimmed">
                  {letter.shopName ?? letter.shop}
                </Text>
                {isMobile && letter.sn !== null && <Mono>{letter.sn}</Mono>}
                {isMobile && <ReasonCell letter={letter} />}
              </Table.Td>
              {!isMobile && (
                <>
                  <Table.Td>{letter.sn !== null && <Mono>{letter.sn}</Mono>}</Table.Td>
                  <Table.Td maw={420}>
                    <ReasonCell letter={letter} />
                  </Table.Td>
                  <Table.Td ta="right">{letter.attempts}</Table.Td>
                </>
              )}
              <Table.Td style={{ whiteSpace: 'nowrap' }}>
                <RelativeTime at={letter.deadLetteredAt} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function ReasonCell({ letter: { reason, error } }: { letter: DeadLetterItem }) {
  return (
    <>
      <Text size="sm" fw={500}>
        {reason}
      </Text>
      <Text size="xs" c="dimmed" lineClamp={2} style={{ overflowWrap: 'anywhere' }}>
        {error}
      </Text>
    </>
  );
}
