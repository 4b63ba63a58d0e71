import { useSyncExternalStore } from 'react';
import { Text, Tooltip, type TextProps } from '@mantine/core';
import { agoOf, exactTimeOf } from '../format.ts';

const tickMs = 5_000;

/** The time, read anew every 5 s by everything that shows an age. */
export function useNow(): number {
  return useSyncExternalStore(
    (onChange) => {
      const timer = setInterval(onChange, tickMs);
      return () => clearInterval(timer);
    },
    () => Math.floor(Date.now() / tickMs) * tickMs,
  );
}

/** `12 min ago`, with the exact time on hover. */
export function When({ at, ...text }: { at: number | null } & TextProps) {
  const now = useNow();
  if (at === null) {
    return (
      <Text span inherit c="dimmed" {...text}>
        never
      </Text>
    );
  }
  return (
    <Tooltip label={exactTimeOf(at)}>
      <Text span inherit {...text}>
        {agoOf(at, now)}
      </Text>
    </Tooltip>
  );
}
