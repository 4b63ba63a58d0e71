import { Group, Paper, Text, Tooltip, VisuallyHidden } from '@mantine/core';
import {
  IconApi,
  IconBrandTelegram,
  IconCpu,
  IconDatabase,
  IconDeviceSdCard,
  IconServer2,
  IconShoppingBag,
  IconTable,
  type Icon,
} from '@tabler/icons-react';
import type { ComponentStatus } from '@shopee-webhook/contracts/dashboard-api';
import { formatShortCount } from '../format/format.ts';
import { Dot } from '../parts/dot.tsx';
import { levelColors, levelLabels } from '../parts/level.ts';
import { RelativeTime } from '../parts/relative-time.tsx';
import classes from './pipeline-diagram.module.css';

const displays: Record<ComponentStatus['id'], { name: string; icon: Icon }> = {
  shopee: { name: 'Shopee', icon: IconShoppingBag },
  forwarder: { name: 'Forwarder', icon: IconServer2 },
  redis: { name: 'Redis queue', icon: IconDatabase },
  spool: { name: 'Spool on disk', icon: IconDeviceSdCard },
  consumers: { name: 'Consumers', icon: IconCpu },
  'shopee-api': { name: 'Shopee API', icon: IconApi },
  sheets: { name: 'Google Sheets', icon: IconTable },
  telegram: { name: 'Telegram', icon: IconBrandTelegram },
};

/** The path of an event, left to right; components of one column run side by side. */
const columns: readonly (readonly ComponentStatus['id'][])[] = [
  ['shopee'],
  ['forwarder'],
  ['redis', 'spool'],
  ['consumers'],
  ['shopee-api', 'sheets', 'telegram'],
];

/** The pipeline with status, throughput and backlog of each component. */
export function PipelineDiagram({ parts }: { parts: readonly ComponentStatus[] }) {
  const byId = new Map(parts.map((part) => [part.id, part]));
  const moves = (byId.get('forwarder')?.perMinute ?? 0) > 0 || (byId.get('consumers')?.perMinute ?? 0) > 0;
  return (
    <Paper withBorder p={{ base: 'md', sm: 'lg' }} radius="lg" component="section" aria-label="Event pipeline">
      <div className={classes['flow']}>
        {columns.map((ids, index) => (
          <Column
            key={ids.join()}
            parts={ids.flatMap((id) => byId.get(id) ?? [])}
            isFirst={index === 0}
            moves={moves}
          />
        ))}
      </div>
    </Paper>
  );
}

function Column({ parts, isFirst, moves }: { parts: readonly ComponentStatus[]; isFirst: boolean; moves: boolean }) {
  return (
    <>
      {!isFirst && <div className={classes['arrow']} data-moving={moves || undefined} aria-hidden />}
      <ul className={classes['column']}>
        {parts.map((part) => (
          <StageBox key={part.id} part={part} />
        ))}
      </ul>
    </>
  );
}

/** Throughput of the last full minute, and what is queued now. */
function Rates({ part: { perMinute, depth } }: { part: ComponentStatus }) {
  if (perMinute === null && (depth ?? 0) === 0) return null;
  return (
    <Group gap="md" mt={6}>
      {perMinute !== null && (
        <Text size="xs">
          <b className={classes['rate']}>{formatShortCount(perMinute)}</b> per minute
        </Text>
      )}
      {depth !== null && depth > 0 && (
        <Text size="xs">
          <b className={classes['rate']}>{formatShortCount(depth)}</b> queued
        </Text>
      )}
    </Group>
  );
}

function StageBox({ part }: { part: ComponentStatus }) {
  const { name, icon: StageIcon } = displays[part.id];
  const color = levelColors[part.level];
  const isBad = part.level === 'warning' || part.level === 'failing';
  return (
    <li className={classes['part']} data-level={part.level}>
      <Group gap={8} wrap="nowrap">
        <StageIcon size={18} stroke={1.7} aria-hidden />
        <Text size="sm" fw={600} flex={1} style={{ whiteSpace: 'nowrap' }}>
          {name}
        </Text>
        <Tooltip label={levelLabels[part.level]}>
          <span>
            <Dot color={color} />
            <VisuallyHidden>{levelLabels[part.level]}</VisuallyHidden>
          </span>
        </Tooltip>
      </Group>
      <Text size="xs" c="dimmed" mt={4}>
        {part.detail}
      </Text>
      <Rates part={part} />
      {isBad && (
        <Text size="xs" mt={4}>
          {part.action}
          {part.since !== null && (
            <Text span inherit c="dimmed">
              {' '}
              Since <RelativeTime at={part.since} />.
            </Text>
          )}
        </Text>
      )}
    </li>
  );
}
