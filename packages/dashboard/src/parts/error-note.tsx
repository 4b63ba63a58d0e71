import { Alert, Button, Stack, Text } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { formatTime } from '../format/format.ts';

/** An error in the API's own text, and a retry button. */
export function ErrorNote({ error, onRetry }: { error: Error; onRetry?: () => unknown }) {
  return (
    <Alert color="red" variant="light" icon={<IconPlugConnectedX />} title="This could not be loaded" maw={640}>
      <Stack gap="sm" align="flex-start">
        <Text size="sm">{error.message}</Text>
        {onRetry !== undefined && (
          <Button size="xs" variant="default" onClick={() => onRetry()}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

/** Above data that could not be refreshed. */
export function StaleNote({ error, since }: { error: Error; since: number }) {
  return (
    <Alert color="orange" variant="light" mb="sm" title={`Not refreshed since ${formatTime(since)}`} role="status">
      {error.message}
    </Alert>
  );
}
