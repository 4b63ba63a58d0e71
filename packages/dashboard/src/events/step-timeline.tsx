import { Group, Text, Timeline, Tooltip } from '@mantine/core';
import type { EventStep } from '@shopee-webhook/contracts/dashboard-api';
import { formatDuration, formatExactTime, formatTime } from '../format/format.ts';
import { getStepDisplay } from './step-display.ts';
import classes from './step-timeline.module.css';

/** An event's steps, oldest first, with their durations. */
export function StepTimeline({ steps }: { steps: readonly EventStep[] }) {
  const start = steps[0]?.at ?? 0;
  return (
    <Timeline active={steps.length} bulletSize={24} lineWidth={2} className={classes['timeline'] ?? ''}>
      {steps.map((step, index) => {
        const { title, icon: StepIcon, color } = getStepDisplay(step);
        return (
          <Timeline.Item
            key={index}
            color={color}
            bullet={<StepIcon size={14} />}
            title={
              <Group justify="space-between" gap="xs" wrap="nowrap">
                <Text size="sm" fw={600}>
                  {title}
                </Text>
                <Tooltip label={formatExactTime(step.at)}>
                  <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
                    {index === 0 ? formatTime(step.at) : `+${formatDuration(step.at - start)}`}
                  </Text>
                </Tooltip>
              </Group>
            }
          >
            <StepDetails step={step} />
          </Timeline.Item>
        );
      })}
    </Timeline>
  );
}

function StepDetails({ step: { step, ms, attempt, reason, error } }: { step: EventStep }) {
  const details = [
    ...(step === 'taken' && attempt !== null ? [`attempt ${String(attempt)}`] : []),
    ...(ms === null ? [] : [`took ${formatDuration(ms)}`]),
    ...(reason === null ? [] : [reason]),
  ];
  return (
    <>
      {details.length > 0 && (
        <Text size="xs" c="dimmed">
          {details.join(' · ')}
        </Text>
      )}
      {error !== null && (
        <Text size="xs" style={{ overflowWrap: 'anywhere' }}>
          {error}
        </Text>
      )}
    </>
  );
}
