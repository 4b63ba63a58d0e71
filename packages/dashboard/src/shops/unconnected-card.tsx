import { Anchor, Badge, Group, Paper, Stack, Text, Title } from '@mantine/core';
import type { ShopList } from '@shopee-webhook/contracts/dashboard-api';
import { Link } from 'wouter';
import { DescriptionList } from '../parts/description-list.tsx';
import { RelativeTime } from '../parts/relative-time.tsx';

/** A shop that Shopee pushes for, and whose orders cannot be read. */
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
          It authorised the app, and there are no tokens of it here. Its events wait until it is connected.
        </Text>
        <DescriptionList facts={[['Last event', <RelativeTime key="e" at={lastEventAt} />]]} />
        <Anchor component={Link} href={`/events?shop=${shop}`} size="sm" mt="auto">
          Events
        </Anchor>
      </Stack>
    </Paper>
  );
}
