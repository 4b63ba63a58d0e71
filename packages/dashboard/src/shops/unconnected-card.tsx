import { Anchor, Badge, Group, Paper, Stack, Text, Title } from '@mantine/core';
import type { ShopList } from '@shopee-webhook/contracts/dashboard-api';
import { Link } from 'wouter';
import { DescriptionList } from '../parts/description-list.tsx';
import { RelativeTime } from '../parts/relative-time.tsx';

/** A shop with pushes but without tokens. */
export function UnconnectedCard({ shop: { shop, lastEventAt } }: { shop: ShopList['shopsWithoutTokens'][number] }) {
  return (
    <Paper withBorder p="md" component="article" aria-label={`Shop ${shop}`}>
      <Stack gap="md" h="100%">
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <Title order={2} size="h5">
            Shop {shop}
          </Title>
          <Badge variant="dot" color="orange" tt="none" miw="max-content">
            Not connected
          </Badge>
        </Group>
        <Text size="sm">
          It authorized the app, but there are no tokens stored for it. Its events wait until you connect it.
        </Text>
        <DescriptionList items={[['Last event', <RelativeTime key="e" at={lastEventAt} />]]} />
        <Anchor component={Link} href={`/events?shop=${shop}`} size="sm" mt="auto">
          Events
        </Anchor>
      </Stack>
    </Paper>
  );
}
