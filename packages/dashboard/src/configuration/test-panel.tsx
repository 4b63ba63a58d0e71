import { Alert, Button, List, Paper, SimpleGrid, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import { IconBrandTelegram, IconCheck, IconShoppingBag, IconTable, IconX, type Icon } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import type { TestResult } from '@shopee-webhook/contracts/worker-rpc';
import type { ConnectionTestTarget } from '@shopee-webhook/contracts/dashboard-api';
import { send } from '../api/client.ts';
import { formatDuration } from '../format/format.ts';

interface Test {
  target: ConnectionTestTarget;
  title: string;
  about: string;
  action: string;
  icon: Icon;
}

const tests: readonly Test[] = [
  {
    target: 'shopee',
    title: 'Shopee',
    about: 'Calls the Open API with a shop’s token.',
    action: 'Call Shopee',
    icon: IconShoppingBag,
  },
  {
    target: 'sheet',
    title: 'Google Sheets',
    about: 'Writes a test row and removes it again.',
    action: 'Write a test row',
    icon: IconTable,
  },
  {
    target: 'telegram',
    title: 'Telegram',
    about: 'Sends a test message to the chat.',
    action: 'Send a test message',
    icon: IconBrandTelegram,
  },
];

/** Runs a real request against each upstream. */
export function TestPanel() {
  return (
    <SimpleGrid minColWidth={300}>
      {tests.map((test) => (
        <TestCard key={test.target} test={test} />
      ))}
    </SimpleGrid>
  );
}

function TestCard({ test: { target, title, about, action, icon: TestIcon } }: { test: Test }) {
  const run = useMutation({ mutationFn: () => send<TestResult>(`/tests/${target}`) });
  return (
    <Paper withBorder p="md" component="section" aria-label={title}>
      <Stack gap="sm" align="flex-start">
        <Title order={2} size="h5">
          {title}
        </Title>
        <Text size="sm" c="dimmed">
          {about}
        </Text>
        <Button
          size="xs"
          variant="default"
          loading={run.isPending}
          onClick={() => run.mutate()}
          leftSection={<TestIcon size={14} />}
        >
          {action}
        </Button>
        <div role="status">
          {run.data !== undefined && <Result result={run.data} />}
          {run.error !== null && (
            <Alert color="red" title="Test could not be run">
              {run.error.message}
            </Alert>
          )}
        </div>
      </Stack>
    </Paper>
  );
}

function Result({ result: { ok, ms, steps, error } }: { result: TestResult }) {
  return (
    <Stack gap="xs">
      <Text size="sm" fw={600}>
        {ok ? 'Succeeded' : 'Failed'} ({formatDuration(ms)})
      </Text>
      <List size="sm" spacing={6} pl={0} styles={{ item: { lineHeight: 1.4, overflowWrap: 'anywhere' } }}>
        {steps.map((step, index) => (
          <List.Item
            key={index}
            icon={
              <ThemeIcon size={18} radius="xl" color={step.ok ? 'green' : 'red'} variant="light">
                {step.ok ? <IconCheck size={12} /> : <IconX size={12} />}
              </ThemeIcon>
            }
          >
            {step.text}
          </List.Item>
        ))}
      </List>
      {error !== null && (
        <Alert color="red" title="Raw response">
          {error}
        </Alert>
      )}
    </Stack>
  );
}
