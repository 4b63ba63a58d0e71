import { Alert, Badge, Group, Paper, Stack, Text } from '@mantine/core';
import type { PushSubscription } from '@shopee-webhook/forwarder/api-types';
import { Facts } from '../parts/facts.tsx';
import { Mono } from '../parts/mono.tsx';
import { LevelBadge } from '../parts/state-badge.tsx';
import { useCodes } from '../parts/use-codes.ts';
import { When } from '../parts/when.tsx';

/** What Shopee says of the app's pushes. */
export function PushPanel({ push }: { push: PushSubscription }) {
  return (
    <Paper withBorder p="md">
      <Stack gap="md">
        <Group gap="sm">
          <LevelBadge level={push.level}>{capital(push.status ?? 'not known')}</LevelBadge>
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
            ['Pushed', <Codes key="on" codes={push.on} />],
            ['Not pushed', push.off.length === 0 ? null : <Codes key="off" codes={push.off} />],
            ['Blocked shops', push.blockedShops.join(', ')],
          ]}
        />
      </Stack>
    </Paper>
  );
}

function Codes({ codes }: { codes: readonly number[] }) {
  const titles = new Map(useCodes().map(({ code, title }) => [code, title]));
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
