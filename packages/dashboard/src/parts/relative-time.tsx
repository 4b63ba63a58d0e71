import { useSyncExternalStore } from 'react';
import { Text, type TextProps } from '@mantine/core';
import { formatAge, formatExactTime } from '../format/format.ts';

const tickMs = 5_000;

/** The current time in steps of 5 s, for everything that shows an age. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => Math.floor(Date.now() / tickMs) * tickMs);
}

function subscribe(onTick: () => void): () => void {
  const timer = setInterval(onTick, tickMs);
  return () => clearInterval(timer);
}

/** `12 min ago`, with the exact time on hover. */
export function RelativeTime({ at, ...text }: { at: number | null } & TextProps) {
  const now = useNow();
  if (at === null) {
    return (
      <Text span inherit c="dimmed" {...text}>
        never
      </Text>
    );
  }
  return (
    <Text component="time" inherit {...text} dateTime={new Date(at).toISOString()} title={formatExactTime(at)}>
      {formatAge(at, now)}
    </Text>
  );
}
