import { Badge } from '@mantine/core';
import type { EventStateName, HealthLevel } from '@shopee-webhook/forwarder/api-types';
import { levelColors, levelWords, stateColors, stateWords } from './level.ts';

export function StateBadge({ state }: { state: EventStateName }) {
  return (
    <Badge variant="dot" miw="max-content" tt="none" color={stateColors[state]}>
      {stateWords[state]}
    </Badge>
  );
}

export function LevelBadge({ level, children }: { level: HealthLevel; children?: string }) {
  return (
    <Badge variant="dot" miw="max-content" tt="none" color={levelColors[level]}>
      {children ?? levelWords[level]}
    </Badge>
  );
}
