import { useState } from 'react';
import { Button, CloseButton, Group, Stack, TextInput } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconBookmark } from '@tabler/icons-react';
import { Link, useSearch } from 'wouter';

interface View {
  name: string;
  /** The page's search parameters. */
  search: string;
}

const storageKey = 'event-views';

/** Filters under a name, kept in this browser. */
export function SavedViews() {
  const search = withoutCursor(useSearch());
  const [views, setViews] = useState(readViews);
  const update = (next: readonly View[]): void => {
    localStorage.setItem(storageKey, JSON.stringify(next));
    setViews(next);
  };
  const isSaved = views.some((view) => view.search === search);
  const save = (name: string): void => update([...views.filter((view) => view.name !== name), { name, search }]);
  if (views.length === 0 && search === '') return null;
  return (
    <Group gap={6} role="group" aria-label="Saved views">
      {views.map((view) => (
        <Button.Group key={view.name}>
          <Button
            size="compact-xs"
            variant={view.search === search ? 'light' : 'default'}
            component={Link}
            href={`/events?${view.search}`}
          >
            {view.name}
          </Button>
          <CloseButton
            size="sm"
            aria-label={`Delete view ${view.name}`}
            onClick={() => update(views.filter(({ name }) => name !== view.name))}
          />
        </Button.Group>
      ))}
      {search !== '' && !isSaved && (
        <Button
          size="compact-xs"
          variant="subtle"
          leftSection={<IconBookmark size={14} />}
          onClick={() => openSaveForm(save)}
        >
          Save view
        </Button>
      )}
    </Group>
  );
}

function openSaveForm(onSave: (name: string) => void): void {
  const id = modals.open({
    title: 'Save view',
    closeButtonProps: { 'aria-label': 'Close' },
    children: (
      <SaveForm
        onSave={(name) => {
          modals.close(id);
          onSave(name);
        }}
      />
    ),
  });
}

function SaveForm({ onSave }: { onSave: (name: string) => void }) {
  const [name, setName] = useState('');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== '') onSave(name.trim());
      }}
    >
      <Stack>
        <TextInput
          label="Name"
          data-autofocus
          required
          maxLength={40}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit">Save</Button>
      </Stack>
    </form>
  );
}

function withoutCursor(search: string): string {
  const parameters = new URLSearchParams(search);
  parameters.delete('before');
  return parameters.toString();
}

function readViews(): readonly View[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(storageKey) ?? '[]');
    return Array.isArray(stored) ? stored.filter(isView) : [];
  } catch {
    return []; // Not ours.
  }
}

function isView(value: unknown): value is View {
  return typeof value === 'object' && value !== null && 'name' in value && 'search' in value;
}
