import { Badge, Group, Paper, SimpleGrid, Text, UnstyledButton } from '@mantine/core';
import type { DeadLetterGroups } from '@shopee-webhook/forwarder/api-types';
import { countOf } from '../format.ts';
import { When } from '../parts/when.tsx';
import classes from './reason-groups.module.css';

/** The reasons with their counts; one can be chosen as a filter. */
export function ReasonGroups(props: {
  groups: DeadLetterGroups['groups'];
  chosen: string | undefined;
  onChoose: (reason: string | undefined) => void;
}) {
  const { groups, chosen, onChoose } = props;
  return (
    <SimpleGrid minColWidth={300} spacing="md">
      {groups.map((group) => (
        <UnstyledButton
          key={group.reason}
          className={classes['group']}
          aria-pressed={group.reason === chosen}
          onClick={() => onChoose(group.reason === chosen ? undefined : group.reason)}
        >
          <Paper withBorder p="md" h="100%">
            <Group justify="space-between" wrap="nowrap" align="flex-start">
              <Text fw={650} size="sm">
                {group.reason}
              </Text>
              <Badge color="red.8" variant="filled">
                {countOf(group.count)}
              </Badge>
            </Group>
            <Text size="sm" mt={4}>
              {group.meaning}
            </Text>
            <Text size="xs" c="dimmed" mt={6} lineClamp={2} style={{ overflowWrap: 'anywhere' }}>
              {group.error}
            </Text>
            {group.lastDeadAt !== null && (
              <Text size="xs" c="dimmed" mt={6}>
                Last <When at={group.lastDeadAt} />
              </Text>
            )}
          </Paper>
        </UnstyledButton>
      ))}
    </SimpleGrid>
  );
}
