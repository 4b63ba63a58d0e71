import { Anchor, Checkbox, Group, Table, Text } from '@mantine/core';
import type { DeadLetterItem } from '@shopee-webhook/forwarder/api-types';
import { EventSign } from '../parts/event-sign.tsx';
import { Mono } from '../parts/mono.tsx';
import { usePhone } from '../parts/use-phone.ts';
import { When } from '../parts/when.tsx';

export interface DeadLetterTableProps {
  letters: readonly DeadLetterItem[];
  chosen: ReadonlySet<string>;
  onChoose: (chosen: ReadonlySet<string>) => void;
  onOpen: (id: string) => void;
}

export function DeadLetterTable({ letters, chosen, onChoose, onOpen }: DeadLetterTableProps) {
  const all = letters.length > 0 && letters.every(({ id }) => chosen.has(id));
  const toggle = (id: string): void => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    onChoose(next);
  };
  const isPhone = usePhone();
  return (
    <Table.ScrollContainer minWidth={isPhone ? 0 : 760} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table highlightOnHover verticalSpacing={8} fz="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={44}>
              <Checkbox
                aria-label="Choose all on this page"
                checked={all}
                indeterminate={chosen.size > 0 && !all}
                onChange={() => onChoose(all ? new Set() : new Set(letters.map(({ id }) => id)))}
              />
            </Table.Th>
            <Table.Th>Event</Table.Th>
            {!isPhone && (
              <>
                <Table.Th>Order</Table.Th>
                <Table.Th>Reason</Table.Th>
                <Table.Th ta="right">Attempts</Table.Th>
              </>
            )}
            <Table.Th>Given up</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {letters.map((letter) => (
            <Table.Tr key={letter.id} {...(chosen.has(letter.id) ? { bg: 'var(--app-chosen)' } : {})}>
              <Table.Td>
                <Checkbox
                  aria-label={`Choose ${letter.title} ${letter.sn ?? letter.id}`}
                  checked={chosen.has(letter.id)}
                  onChange={() => toggle(letter.id)}
                />
              </Table.Td>
              <Table.Td>
                <Group gap={8} wrap="nowrap">
                  <EventSign code={letter.code} />
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
                {isPhone && letter.sn !== null && <Mono>{letter.sn}</Mono>}
                {isPhone && <Why letter={letter} />}
              </Table.Td>
              {!isPhone && (
                <>
                  <Table.Td>{letter.sn !== null && <Mono>{letter.sn}</Mono>}</Table.Td>
                  <Table.Td maw={420}>
                    <Why letter={letter} />
                  </Table.Td>
                  <Table.Td ta="right">{letter.attempts}</Table.Td>
                </>
              )}
              <Table.Td style={{ whiteSpace: 'nowrap' }}>
                <When at={letter.deadAt} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Why({ letter: { reason, error } }: { letter: DeadLetterItem }) {
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
