import { Button, Group } from '@mantine/core';
import { IconChevronRight, IconChevronsLeft } from '@tabler/icons-react';

/** Cursor pagination: new items do not shift the pages. */
export function Pager(props: {
  isFirst: boolean;
  next: number | null;
  onFirst: () => void;
  onNext: (before: number) => void;
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
