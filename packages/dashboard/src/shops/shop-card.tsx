import type { ReactNode } from 'react';
import { Alert, Anchor, Badge, Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ShopItem, ShopList } from '@shopee-webhook/contracts/dashboard-api';
import { Link } from 'wouter';
import { send } from '../api/client.ts';
import { formatDay } from '../format/format.ts';
import { confirm } from '../parts/confirm.tsx';
import { DescriptionList } from '../parts/description-list.tsx';
import { notifyError } from '../parts/notify.ts';
import { RelativeTime } from '../parts/relative-time.tsx';
import { shopsQuery } from '../api/queries.ts';

const states = {
  active: { color: 'green', label: 'Connected' },
  expired: { color: 'red', label: 'Expired' },
  revoked: { color: 'red', label: 'Disconnected' },
} as const;

export function ShopCard({ shop }: { shop: ShopItem }) {
  const { color, label } = states[shop.state];
  const client = useQueryClient();
  const name = shop.name ?? `Shop ${shop.shop}`;
  const disconnect = useMutation({
    mutationFn: () => send<ShopList>(`/shops/${shop.shop}/disconnect`),
    onSuccess: (list) => client.setQueryData(shopsQuery.queryKey, list),
    onError: notifyError('Could not disconnect'),
  });
  return (
    <Paper withBorder p="md" component="article" aria-label={name}>
      <Stack gap="md" h="100%">
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <div>
            <Title order={2} size="h5">
              {name}
            </Title>
            <Text size="sm" c="dimmed">
              {[shop.region, shop.shop].filter((text) => text !== null).join(' · ')}
            </Text>
          </div>
          <Badge variant="dot" color={color} tt="none" miw="max-content">
            {label}
          </Badge>
        </Group>
        {shop.reason !== null && shop.state !== 'active' && <Alert color="red">{shop.reason}</Alert>}
        <DescriptionList
          items={[
            ['Last event', <RelativeTime key="e" at={shop.lastEventAt} />],
            ...(shop.state === 'active' ? tokenItems(shop) : []),
          ]}
        />
        <Group justify="space-between" mt="auto">
          <Group gap="md">
            <Anchor component={Link} href={`/events?shop=${shop.shop}`} size="sm">
              Events
            </Anchor>
            {shop.spreadsheetUrl !== null && (
              <Anchor href={shop.spreadsheetUrl} target="_blank" rel="noreferrer" size="sm">
                Sheet
              </Anchor>
            )}
          </Group>
          {shop.state === 'active' && (
            <Button
              size="xs"
              variant="default"
              loading={disconnect.isPending}
              onClick={() =>
                confirm({
                  title: `Disconnect ${name}?`,
                  text: 'Its tokens are deleted: its orders are no longer fetched until you reconnect it. Rows in the sheet stay.',
                  action: 'Disconnect',
                  danger: true,
                  onConfirm: () => disconnect.mutate(),
                })
              }
            >
              Disconnect
            </Button>
          )}
        </Group>
      </Stack>
    </Paper>
  );
}

function tokenItems({ accessExpiresAt, refreshExpiresAt, authorizationExpiresAt }: ShopItem): [string, ReactNode][] {
  return [
    ['Access token', accessExpiresAt === 0 ? 'Refreshed before next use' : <ExpiresAt key="a" at={accessExpiresAt} />],
    ['Refresh token', <ExpiresAt key="r" at={refreshExpiresAt} />],
    ['Authorization', authorizationExpiresAt === null ? null : <ExpiresAt key="u" at={authorizationExpiresAt} />],
  ];
}

function ExpiresAt({ at }: { at: number }) {
  return (
    <>
      until {formatDay(at)}, <RelativeTime at={at} />
    </>
  );
}
