import { Anchor, Badge, Group, Paper, Stack, Text, Title } from '@mantine/core';
import type { ShopList } from '@shopee-webhook/forwarder/api-types';
import { Link } from 'wouter';
import { Facts } from '../parts/facts.tsx';
import { When } from '../parts/when.tsx';

/** A shop that Shopee pushes for, and whose orders cannot be read. */
export function UnconnectedCard({ shop: { shop, lastEventAt } }: { shop: ShopList['unconnected'][number] }) {
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
        <Facts facts={[['Last event', <When key="e" at={lastEventAt} />]]} />
        <Anchor component={Link} href={`/events?shop=${shop}`} size="sm" mt="auto">
          Events
        </Anchor>
      </Stack>
    </Paper>
  );
}
