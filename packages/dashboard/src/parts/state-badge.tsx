import { Badge } from '@mantine/core';
import type { EventStateName, HealthLevel } from '@shopee-webhook/contracts/dashboard-api';
import { levelColors, levelLabels, stateColors, stateLabels } from './level.ts';

export function StateBadge({ state }: { state: EventStateName }) {
  return (
    <Badge variant="dot" miw="max-content" tt="none" color={stateColors[state]}>
      {stateLabels[state]}
    </Badge>
  );
}

export function LevelBadge({ level, children }: { level: HealthLevel; children?: string }) {
  return (
    <Badge variant="dot" miw="max-content" tt="none" color={levelColors[level]}>
      {children ?? levelLabels[level]}
    </Badge>
  );
}
