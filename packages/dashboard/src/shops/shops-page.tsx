import { Alert, Button, EmptyState, Menu, Paper, SimpleGrid, Stack, Title } from '@mantine/core';
import { IconBuildingStore, IconChevronDown, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import type { Link, ShopConnect, ShopList } from '@shopee-webhook/forwarder/api-types';
import { send } from '../api.ts';
import { Answer } from '../parts/answer.tsx';
import { Page } from '../parts/page.tsx';
import { tellFailure } from '../parts/tell.ts';
import { shopsQuery } from '../queries.ts';
import { PushPanel } from './push-panel.tsx';
import { ShopCard } from './shop-card.tsx';

/** The shops whose orders come here, and whether Shopee pushes for them. */
export function ShopsPage() {
  const query = useQuery(shopsQuery);
  return (
    <Page
      title="Shops"
      about="Shopee’s leave to read a shop’s orders: an access token of 4 hours, kept fresh by itself, and an authorisation of a year at most, which the seller renews."
      actions={<Connect list={query.data} />}
    >
      <Answer query={query}>
        {(list) => (
          <Stack gap="lg">
            {list.connectHint !== null && <Alert color="blue">{list.connectHint}</Alert>}
            {list.shops.length === 0 ? (
              <Paper withBorder>
                <EmptyState
                  py="xl"
                  icon={<IconBuildingStore />}
                  title="No shop is connected"
                  description="Connect one: Shopee asks you to log in as the seller and to agree."
                />
              </Paper>
            ) : (
              <SimpleGrid minColWidth={340}>
                {list.shops.map((shop) => (
                  <ShopCard key={shop.shop} shop={shop} />
                ))}
              </SimpleGrid>
            )}
            <Title order={2} size="h4">
              Push subscription
            </Title>
            <PushPanel push={list.push} />
          </Stack>
        )}
      </Answer>
    </Page>
  );
}

function Connect({ list }: { list: ShopList | undefined }) {
  const connect = useMutation({
    mutationFn: (wanted: ShopConnect) => send<Link>('/shops/connect', wanted),
    onSuccess: ({ url }) => location.assign(url),
    onError: tellFailure('It could not be started'),
  });
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          disabled={list === undefined || list.connectHint !== null}
          loading={connect.isPending || connect.isSuccess}
          leftSection={<IconPlus size={16} />}
          rightSection={<IconChevronDown size={16} />}
        >
          Connect a shop
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => connect.mutate({ form: 'shop' })}>A shop of its own</Menu.Item>
        <Menu.Item onClick={() => connect.mutate({ form: 'main-account' })}>Shops under a main account</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
