import { Alert, Button, Stack, Text } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';

/** What went wrong, in the other side's words, and a way to ask again. */
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
