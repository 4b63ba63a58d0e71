import { Alert, Badge, Code, Group, List, Paper, Stack, Text, Timeline } from '@mantine/core';
import { IconCheck, IconConfetti, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { SetupStep } from '@shopee-webhook/contracts/dashboard-api';
import { QueryBoundary } from '../parts/query-boundary.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { Page } from '../layout/page.tsx';
import { setupQuery } from '../api/queries.ts';

const states = {
  done: { color: 'green', label: 'Done' },
  todo: { color: 'blue', label: 'To do' },
  failing: { color: 'red', label: 'Failing' },
  optional: { color: 'gray', label: 'Optional' },
} as const;

/** The steps to the first order in the sheet. */
export function SetupPage() {
  const query = useQuery(setupQuery);
  return (
    <Page title="Set up" about="The steps to the first order in your sheet. This page refreshes automatically.">
      <QueryBoundary query={query} lines={5}>
        {({ done, steps }) => (
          <Stack gap="lg">
            {done && (
              <Alert color="green" icon={<IconConfetti />} title="Everything is set up">
                Orders arrive, are written to the sheet, and are announced on Telegram.
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

/** Not a component of its own: the timeline colors its direct children. */
function stepItem(step: SetupStep, number: number) {
  const { color, label } = states[step.state];
  const bullets = { done: <IconCheck size={16} />, failing: <IconX size={16} />, todo: number, optional: number };
  return (
    <Timeline.Item
      key={step.id}
      color={color}
      bullet={
        <Text size="sm" fw={600}>
          {bullets[step.state]}
        </Text>
      }
      title={
        <Group gap="sm">
          <Text fw={600}>{step.title}</Text>
          <Badge variant="dot" color={color} tt="none" miw="max-content">
            {label}
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
          <CopyButton value={step.copy.value} label={`Copy ${step.copy.label}`} />
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
