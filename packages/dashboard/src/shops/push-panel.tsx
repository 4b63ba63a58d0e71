import { Alert, Group, Paper, Stack, Text } from '@mantine/core';
import type { PushSubscription } from '@shopee-webhook/forwarder/api-types';
import { Facts } from '../parts/facts.tsx';
import { Mono } from '../parts/mono.tsx';
import { LevelBadge } from '../parts/state-badge.tsx';
import { When } from '../parts/when.tsx';

/** What Shopee says of the app's pushes. */
export function PushPanel({ push }: { push: PushSubscription }) {
  return (
    <Paper withBorder p="md">
      <Stack gap="md">
        <Group gap="sm">
          <LevelBadge level={push.level}>{push.status ?? 'Not known'}</LevelBadge>
          {push.suspendedAt !== null && (
            <Text size="sm">
              Suspended <When at={push.suspendedAt} />
            </Text>
          )}
        </Group>
        {push.error !== null && (
          <Alert color="orange" title="Shopee could not be asked">
            {push.error}
          </Alert>
        )}
        <Facts
          facts={[
            ['Callback URL', push.callbackUrl === null ? null : <Mono key="u">{push.callbackUrl}</Mono>],
            ['Codes pushed', push.on.join(', ')],
            ['Codes not pushed', push.off.join(', ')],
            ['Blocked shops', push.blockedShops.join(', ')],
          ]}
        />
      </Stack>
    </Paper>
  );
}
