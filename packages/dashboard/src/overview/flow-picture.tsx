import { Badge, Group, Paper, Text, Tooltip } from '@mantine/core';
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
import type { FlowPart } from '@shopee-webhook/forwarder/api-types';
import { countOf, shortCountOf } from '../format.ts';
import { Dot } from '../parts/dot.tsx';
import { levelColors, levelWords } from '../parts/level.ts';
import { When } from '../parts/when.tsx';
import classes from './flow-picture.module.css';

const faces: Record<FlowPart['id'], { name: string; icon: Icon; waiting: string }> = {
  shopee: { name: 'Shopee', icon: IconShoppingBag, waiting: 'waiting' },
  forwarder: { name: 'Forwarder', icon: IconServer2, waiting: 'in hand' },
  redis: { name: 'Redis queue', icon: IconDatabase, waiting: 'queued' },
  spool: { name: 'Spool on disk', icon: IconDeviceSdCard, waiting: 'spooled' },
  consumers: { name: 'Consumers', icon: IconCpu, waiting: 'in hand' },
  'shopee-api': { name: 'Shopee API', icon: IconApi, waiting: 'waiting' },
  sheets: { name: 'Google Sheets', icon: IconTable, waiting: 'waiting' },
  telegram: { name: 'Telegram', icon: IconBrandTelegram, waiting: 'to tell' },
};

/** The way of an event, left to right; what stands in one column works side by side. */
const columns: readonly (readonly FlowPart['id'][])[] = [
  ['shopee'],
  ['forwarder'],
  ['redis', 'spool'],
  ['consumers'],
  ['shopee-api', 'sheets', 'telegram'],
];

/** The real flow with its states, rates and what lies in it. */
export function FlowPicture({ parts }: { parts: readonly FlowPart[] }) {
  const byId = new Map(parts.map((part) => [part.id, part]));
  return (
    <Paper withBorder p={{ base: 'md', sm: 'lg' }} radius="lg" component="section" aria-label="Flow of events">
      <div className={classes['flow']}>
        {columns.map((ids, index) => (
          <Column key={ids.join()} parts={ids.flatMap((id) => byId.get(id) ?? [])} isFirst={index === 0} />
        ))}
      </div>
    </Paper>
  );
}

function Column({ parts, isFirst }: { parts: readonly FlowPart[]; isFirst: boolean }) {
  const rate = Math.max(0, ...parts.map((part) => part.perMinute ?? 0));
  return (
    <>
      {!isFirst && (
        <div className={classes['arrow']} data-moving={rate > 0 || undefined} aria-hidden>
          <span className={classes['rate']}>{rate > 0 ? `${shortCountOf(rate)}/min` : ''}</span>
        </div>
      )}
      <ul className={classes['column']}>
        {parts.map((part) => (
          <Part key={part.id} part={part} />
        ))}
      </ul>
    </>
  );
}

function Part({ part }: { part: FlowPart }) {
  const { name, icon: Sign, waiting } = faces[part.id];
  const color = levelColors[part.level];
  const isBad = part.level === 'warning' || part.level === 'failing';
  return (
    <li className={classes['part']} data-level={part.level}>
      <Group gap={8} wrap="nowrap">
        <Sign size={18} stroke={1.7} aria-hidden />
        <Text size="sm" fw={600} flex={1}>
          {name}
        </Text>
        <Tooltip label={levelWords[part.level]}>
          <span>
            <Dot color={color} />
          </span>
        </Tooltip>
      </Group>
      <Text size="xs" c="dimmed" mt={4}>
        {part.detail}
      </Text>
      {isBad && (
        <Text size="xs" mt={4}>
          {part.action}
          {part.since !== null && (
            <Text span inherit c="dimmed">
              {' '}
              Since <When at={part.since} />.
            </Text>
          )}
        </Text>
      )}
      {part.depth !== null && part.depth > 0 && (
        <Badge mt={6} size="sm" variant="default" tt="none">
          {countOf(part.depth)} {waiting}
        </Badge>
      )}
    </li>
  );
}
