import { Button, Group } from '@mantine/core';
import { IconChevronRight, IconChevronsLeft } from '@tabler/icons-react';

/** Cursor pagination: new items do not shift the pages. */
export function Pager<Cursor extends number | string>(props: {
  isFirst: boolean;
  next: Cursor | null;
  onFirst: () => void;
  onNext: (before: Cursor) => void;
}) {
  const { isFirst, next, onFirst, onNext } = props;
  return (
    <Group gap="xs">
      <Button
        size="xs"
        variant="default"
        disabled={isFirst}
        onClick={onFirst}
        leftSection={<IconChevronsLeft size={14} />}
      >
        Newest
      </Button>
      <Button
        size="xs"
        variant="default"
        disabled={next === null}
        onClick={() => next !== null && onNext(next)}
        rightSection={<IconChevronRight size={14} />}
      >
        Older
      </Button>
    </Group>
  );
}
