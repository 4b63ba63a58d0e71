import { Badge, Group, Paper, SimpleGrid, Text, UnstyledButton } from '@mantine/core';
import type { DeadLetterGroups } from '@shopee-webhook/contracts/dashboard-api';
import { formatCount } from '../format/format.ts';
import { RelativeTime } from '../parts/relative-time.tsx';
import classes from './reason-groups.module.css';

/** The reasons with their counts; one can be selected as a filter. */
export function ReasonGroups(props: {
  groups: DeadLetterGroups['groups'];
  selected: string | undefined;
  onSelect: (reason: string | undefined) => void;
}) {
  const { groups, selected, onSelect } = props;
  return (
    <SimpleGrid minColWidth={300} spacing="md">
      {groups.map((group) => (
        <UnstyledButton
          key={group.reason}
          className={classes['group']}
          aria-pressed={group.reason === selected}
          onClick={() => onSelect(group.reason === selected ? undefined : group.reason)}
        >
          <Paper withBorder p="md" h="100%">
            <Group justify="space-between" wrap="nowrap" align="flex-start">
              <Text fw={650} size="sm">
                {group.reason}
              </Text>
              <Badge color={group.acknowledged === null ? 'red.8' : 'gray.7'} variant="filled">
                {formatCount(group.count)}
              </Badge>
            </Group>
            <Text size="sm" mt={4}>
              {group.description}
            </Text>
            <Text size="xs" c="dimmed" mt={6} lineClamp={2} style={{ overflowWrap: 'anywhere' }}>
              {group.error}
            </Text>
            {group.acknowledged !== null && (
              <Text size="xs" mt={6} style={{ overflowWrap: 'anywhere' }}>
                Acknowledged <RelativeTime at={group.acknowledged.at} />: {group.acknowledged.note}
              </Text>
            )}
            {group.lastDeadLetteredAt !== null && (
              <Text size="xs" c="dimmed" mt={6}>
                Last <RelativeTime at={group.lastDeadLetteredAt} />
              </Text>
            )}
          </Paper>
        </UnstyledButton>
      ))}
    </SimpleGrid>
  );
}
