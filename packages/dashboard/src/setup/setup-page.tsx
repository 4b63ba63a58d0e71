import { Alert, Badge, Code, Group, List, Paper, Stack, Text, Timeline } from '@mantine/core';
import { IconCheck, IconConfetti, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { SetupStep } from '@shopee-webhook/contracts/dashboard-api';
import { QueryBoundary } from '../parts/query-boundary.tsx';
import { CopySign } from '../parts/json-view.tsx';
import { Page } from '../layout/page.tsx';
import { setupQuery } from '../api/queries.ts';

const states = {
  done: { color: 'green', word: 'Done' },
  todo: { color: 'blue', word: 'To do' },
  failing: { color: 'red', word: 'Does not work yet' },
  optional: { color: 'gray', word: 'Optional' },
} as const;

/** What is still missing before the first order is in the sheet, in the order in which one does it. */
export function SetupPage() {
  const query = useQuery(setupQuery);
  return (
    <Page title="Set up" about="From nothing to the first order in the sheet. The page looks again by itself.">
      <QueryBoundary query={query} lines={5}>
        {({ done, steps }) => (
          <Stack gap="lg">
            {done && (
              <Alert color="green" icon={<IconConfetti />} title="Everything is set up">
                Orders come in, go into the sheet, and are told on Telegram.
              </Alert>
            )}
            <Paper withBorder p="lg">
              <Timeline bulletSize={30} lineWidth={2} active={steps.length}>
                {steps.map((step, index) => stepItem(step, index + 1))}
              </Timeline>
            </Paper>
          </Stack>
        )}
      </QueryBoundary>
    </Page>
  );
}

/** Not a component of its own: the timeline colours its direct children. */
function stepItem(step: SetupStep, number: number) {
  const { color, word } = states[step.state];
  const signs = { done: <IconCheck size={16} />, failing: <IconX size={16} />, todo: number, optional: number };
  return (
    <Timeline.Item
      key={step.id}
      color={color}
      bullet={
        <Text size="sm" fw={600}>
          {signs[step.state]}
        </Text>
      }
      title={
        <Group gap="sm">
          <Text fw={600}>{step.title}</Text>
          <Badge variant="dot" color={color} tt="none" miw="max-content">
            {word}
          </Badge>
        </Group>
      }
    >
      <Text size="sm" c="dimmed">
        {step.detail}
      </Text>
      {step.copy !== null && (
        <Group gap="xs" mt="xs">
          <Text size="sm">{step.copy.label}</Text>
          <Code>{step.copy.value}</Code>
          <CopySign value={step.copy.value} label={`Copy ${step.copy.label}`} />
        </Group>
      )}
      {step.instructions.length > 0 && (
        <List size="sm" mt="xs" spacing={4} type="ordered">
          {step.instructions.map((text) => (
            <List.Item key={text}>{text}</List.Item>
          ))}
        </List>
      )}
    </Timeline.Item>
  );
}
