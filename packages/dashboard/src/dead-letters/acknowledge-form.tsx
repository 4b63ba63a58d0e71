import { useState } from 'react';
import { Button, Stack, Text, TextInput } from '@mantine/core';
import { modals } from '@mantine/modals';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { DeadLetterGroups } from '@shopee-webhook/contracts/dashboard-api';
import { send } from '../api/client.ts';
import { deadLetterGroupsQuery } from '../api/queries.ts';

/** Opens a form that acknowledges a reason with a note, until it dead-letters another event. */
export function openAcknowledgeForm(reason: string): void {
  const id = modals.open({
    title: `Acknowledge ${reason}`,
    closeButtonProps: { 'aria-label': 'Close' },
    children: <AcknowledgeForm reason={reason} onDone={() => modals.close(id)} />,
  });
}

function AcknowledgeForm({ reason, onDone }: { reason: string; onDone: () => void }) {
  const client = useQueryClient();
  const [note, setNote] = useState('');
  const acknowledge = useMutation({
    mutationFn: () => send<DeadLetterGroups>('/dead-letters/acknowledge', { reason, note }),
    onSuccess: (groups) => {
      client.setQueryData(deadLetterGroupsQuery({}).queryKey, groups);
      onDone();
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        acknowledge.mutate();
      }}
    >
      <Stack>
        <Text size="sm">The note is shown with the reason until another event fails for it.</Text>
        <TextInput
          label="Note"
          data-autofocus
          required
          maxLength={500}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          error={acknowledge.error?.message}
        />
        <Button type="submit" loading={acknowledge.isPending}>
          Acknowledge
        </Button>
      </Stack>
    </form>
  );
}
