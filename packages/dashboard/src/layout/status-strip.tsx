import { useEffect, useSyncExternalStore } from 'react';
import { Badge, Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { overviewQuery, sessionQuery } from '../api/queries.ts';
import { formatBytes } from '../format/format.ts';
import {
  browserZone,
  chooseZone,
  getZone,
  setShopZone,
  subscribeZone,
  zoneName,
  type ZoneChoice,
} from '../format/zone.ts';

const zones: { value: ZoneChoice; label: string }[] = [
  { value: 'shop', label: 'Shop' },
  { value: 'mine', label: 'Mine' },
  { value: 'utc', label: 'UTC' },
];

/** Whose clock the pages show; not ready until the shop's zone is known, so that nothing is shown in another one first. */
export function useZone(): { choice: ZoneChoice; name: string; isReady: boolean } {
  const { choice, shop } = useSyncExternalStore(subscribeZone, getZone);
  const { isError } = useQuery(overviewQuery);
  return { choice, name: zoneName() ?? browserZone, isReady: choice !== 'shop' || shop !== undefined || isError };
}

/** Time zone, environment, version, Redis and its memory: the same on every page. */
export function StatusStrip() {
  const { data: overview } = useQuery(overviewQuery);
  const { data: session } = useQuery(sessionQuery);
  const { choice, name } = useZone();
  const shopZone = overview?.timeZone;
  useEffect(() => {
    if (shopZone !== undefined) setShopZone(shopZone);
  }, [shopZone]);
  return (
    <Stack gap={6} pt="sm">
      <SegmentedControl
        size="xs"
        fullWidth
        data={zones}
        value={choice}
        onChange={(value) => chooseZone(value)}
        aria-label="Time zone"
      />
      <Text size="xs" c="dimmed">
        Times in {name.replaceAll('_', ' ')}
      </Text>
      <Group gap={6}>
        {overview?.isSandbox === true && (
          <Badge size="sm" color="orange" variant="dot" tt="none" miw="max-content">
            Sandbox
          </Badge>
        )}
        <Text size="xs" c="dimmed">
          {[session && `v${session.version}`, overview && redisText(overview.queue.redis)].filter(Boolean).join(' · ')}
        </Text>
      </Group>
    </Stack>
  );
}

interface RedisInfo {
  enabled: boolean;
  connected: boolean;
  memoryUsedBytes: number | null;
  memoryMaxBytes: number | null;
}

function redisText({ enabled, connected, memoryUsedBytes, memoryMaxBytes }: RedisInfo): string {
  if (!enabled) return 'without Redis';
  if (!connected || memoryUsedBytes === null) return 'Redis unavailable';
  const limit = memoryMaxBytes === null || memoryMaxBytes === 0 ? '' : ` of ${formatBytes(memoryMaxBytes)}`;
  return `Redis ${formatBytes(memoryUsedBytes)}${limit}`;
}
