import { Alert, Badge, Group, Paper, Stack, Text } from '@mantine/core';
import type { PushSubscription } from '@shopee-webhook/contracts/dashboard-api';
import { DescriptionList } from '../parts/description-list.tsx';
import { Mono } from '../parts/mono.tsx';
import { LevelBadge } from '../parts/state-badge.tsx';
import { useEventTypes } from '../parts/use-event-types.ts';
import { RelativeTime } from '../parts/relative-time.tsx';

/** The app's push configuration at Shopee. */
export function PushPanel({ push }: { push: PushSubscription }) {
  return (
    <Paper withBorder p="md">
      <Stack gap="md">
        <Group gap="sm">
          <LevelBadge level={push.level}>{capital(push.status ?? 'unknown')}</LevelBadge>
          {push.suspendedAt !== null && (
            <Text size="sm">
              Suspended <RelativeTime at={push.suspendedAt} />
            </Text>
          )}
        </Group>
        {push.error !== null && (
          <Alert color="orange" title="Could not reach Shopee">
            {push.error}
          </Alert>
        )}
        <DescriptionList
          items={[
            ['Callback URL', push.callbackUrl === null ? null : <Mono key="u">{push.callbackUrl}</Mono>],
            ['Enabled events', <Codes key="on" codes={push.enabledCodes} />],
            [
              'Disabled events',
              push.disabledCodes.length === 0 ? null : <Codes key="off" codes={push.disabledCodes} />,
            ],
            ['Blocked shops', push.blockedShops.join(', ')],
          ]}
        />
      </Stack>
    </Paper>
  );
}

function Codes({ codes }: { codes: readonly number[] }) {
  const titles = new Map(useEventTypes().map(({ code, title }) => [code, title]));
  return (
    <Group gap={6}>
      {codes.map((code) => (
        <Badge key={code} variant="default" tt="none" fw={500} miw="max-content">
          {titles.get(code) ?? `code ${String(code)}`}
        </Badge>
      ))}
    </Group>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
