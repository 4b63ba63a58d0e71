import { Alert, Group, Text } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { formatTime } from '../format/format.ts';
import { Dot } from '../parts/dot.tsx';
import { useLiveState } from './live-provider.tsx';
import type { LiveState } from './live-stream.ts';

const labels: Record<LiveState, { text: string; color: string }> = {
  live: { text: 'Live', color: 'green' },
  connecting: { text: 'Connecting…', color: 'gray' },
  stale: { text: 'Not live', color: 'orange' },
  disconnected: { text: 'Reconnecting…', color: 'orange' },
};

/** Whether the shown data is live. */
export function LiveIndicator() {
  const { state, since } = useLiveState();
  const { text, color } = labels[state];
  return (
    <Group gap={8} wrap="nowrap" role="status">
      <Dot color={color} />
      <Text size="sm" c="dimmed">
        {text}
        {isStale(state) && since > 0 && ` since ${formatTime(since)}`}
      </Text>
    </Group>
  );
}

/** Shown above the page while its data is not live. */
export function StaleBanner() {
  const { state, since } = useLiveState();
  if (!isStale(state)) return null;
  const from = since > 0 ? ` from ${formatTime(since)}` : '';
  return (
    <Alert
      color="orange"
      variant="light"
      mb="lg"
      icon={<IconPlugConnectedX />}
      title={state === 'stale' ? 'The server has stopped responding' : 'Connection lost'}
      role="alert"
    >
      The data shown is stale{from}. It resumes automatically, without gaps, as soon as the server responds.
    </Alert>
  );
}

function isStale(state: LiveState): boolean {
  return state === 'stale' || state === 'disconnected';
}
