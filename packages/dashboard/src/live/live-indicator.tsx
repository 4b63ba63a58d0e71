import { Alert, Group, Text } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import type { LiveState } from './live-stream.ts';
import { useLiveState } from './live-provider.tsx';
import { Dot } from '../parts/dot.tsx';

const labels: Record<LiveState, { text: string; color: string }> = {
  live: { text: 'Live', color: 'green' },
  connecting: { text: 'Connecting…', color: 'gray' },
  disconnected: { text: 'Reconnecting…', color: 'orange' },
};

/** Whether the shown data is live. */
export function LiveIndicator() {
  const state = useLiveState();
  const { text, color } = labels[state];
  return (
    <Group gap={8} wrap="nowrap" role="status">
      <Dot color={color} />
      <Text size="sm" c="dimmed">
        {text}
      </Text>
    </Group>
  );
}

/** Shown above the page while the connection is lost. */
export function DisconnectedBanner() {
  return (
    <Alert color="orange" variant="light" mb="lg" icon={<IconPlugConnectedX />} title="Connection lost" role="alert">
      The data shown is stale. It resumes automatically, without gaps, as soon as the server responds.
    </Alert>
  );
}
