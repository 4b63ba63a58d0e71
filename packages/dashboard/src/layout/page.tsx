import { useEffect, type ReactNode } from 'react';
import { Group, Stack, Text, Title } from '@mantine/core';

/** A page's frame: title, a sentence on its purpose, and its actions. */
export function Page(props: { title: string; about?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  usePageTitle(props.title);
  return (
    <Stack gap="lg">
      <Group justify="space-between" align={props.about === undefined ? 'center' : 'flex-start'} gap="sm">
        <div>
          <Title order={1} size="h2">
            {props.title}
          </Title>
          {props.about !== undefined && (
            <Text c="dimmed" size="sm" maw={720}>
              {props.about}
            </Text>
          )}
        </div>
        {props.actions !== undefined && <Group gap="xs">{props.actions}</Group>}
      </Group>
      {props.children}
    </Stack>
  );
}

export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Shopee Webhook`;
  }, [title]);
}
