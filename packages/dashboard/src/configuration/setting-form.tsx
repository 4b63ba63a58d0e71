import { useState } from 'react';
import {
  Button,
  Checkbox,
  Group,
  Input,
  ScrollArea,
  SegmentedControl,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { modals } from '@mantine/modals';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { SettingItem, SettingList, SettingUpdate } from '@shopee-webhook/contracts/dashboard-api';
import { send } from '../api/client.ts';
import { notifySuccess } from '../parts/notify.ts';
import { settingsQuery } from '../api/queries.ts';

type Value = SettingUpdate['value'];
type Edit = NonNullable<SettingItem['edit']>;

/** Opens the form that changes a setting at runtime. */
export function openSettingForm(setting: SettingItem): void {
  const { edit, name } = setting;
  if (edit === null) return;
  const id = modals.open({
    title: `Change ${name}`,
    closeButtonProps: { 'aria-label': 'Close' },
    children: <SettingForm setting={setting} edit={edit} onDone={() => modals.close(id)} />,
  });
}

function SettingForm({ setting, edit, onDone }: { setting: SettingItem; edit: Edit; onDone: () => void }) {
  const client = useQueryClient();
  const [value, setValue] = useState<Value>(edit.value);
  const save = useMutation({
    mutationFn: (next: Value) => send<SettingList>(`/settings/${setting.name}`, { value: next }, 'PUT'),
    onSuccess: (list) => {
      client.setQueryData(settingsQuery.queryKey, list);
      onDone();
      notifySuccess(`${setting.name} takes effect now.`, 'Saved');
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(value);
      }}
    >
      <Stack>
        <Text size="sm">{setting.description}</Text>
        <Field edit={edit} label={setting.name} value={value} onChange={setValue} error={save.error?.message} />
        <Group justify="space-between">
          {setting.source === 'changed' ? (
            <Button variant="subtle" color="gray" onClick={() => save.mutate(null)} disabled={save.isPending}>
              Reset to {setting.baseValue === null || setting.baseValue === '' ? 'not set' : setting.baseValue}
            </Button>
          ) : (
            <span />
          )}
          <Button type="submit" loading={save.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Field(props: {
  edit: Edit;
  label: string;
  value: Value;
  onChange: (value: Value) => void;
  error: string | undefined;
}) {
  const { edit, label, value, onChange, error } = props;
  switch (edit.kind) {
    case 'codes':
      return (
        <Checkbox.Group
          label={label}
          value={Array.isArray(value) ? value.map(String) : []}
          onChange={(codes) => onChange(codes.map(Number))}
          error={error}
        >
          <ScrollArea.Autosize
            mah={280}
            mt="xs"
            type="auto"
            viewportProps={{ tabIndex: 0, 'aria-label': 'Event codes', role: 'group' }}
          >
            <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs" verticalSpacing={6}>
              {edit.choices.map(({ code, title }) => (
                <Checkbox key={code} value={String(code)} label={`${String(code)} ${title}`} />
              ))}
            </SimpleGrid>
          </ScrollArea.Autosize>
        </Checkbox.Group>
      );
    case 'choice':
      return (
        <Input.Wrapper label={label} error={error}>
          {/* All choices are in sight: an open list would cover the button that saves. */}
          <SegmentedControl
            fullWidth
            mt={4}
            data={edit.choices}
            value={typeof value === 'string' ? value : ''}
            onChange={(choice) => onChange(choice)}
            aria-label={label}
          />
        </Input.Wrapper>
      );
    case 'text':
      return (
        <TextInput
          label={label}
          description={edit.hint}
          value={typeof value === 'string' ? value : ''}
          onChange={(event) => onChange(event.currentTarget.value)}
          error={error}
        />
      );
  }
}
