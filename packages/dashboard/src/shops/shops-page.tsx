import { Alert, Button, EmptyState, Paper, SimpleGrid, Stack, Title } from '@mantine/core';
import { IconBuildingStore, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import type { Link, ShopConnect, ShopList } from '@shopee-webhook/contracts/dashboard-api';
import { useSearchParams } from 'wouter';
import { send } from '../api/client.ts';
import { QueryBoundary } from '../parts/query-boundary.tsx';
import { Page } from '../layout/page.tsx';
import { notifyError } from '../parts/notify.ts';
import { shopsQuery } from '../api/queries.ts';
import { PushPanel } from './push-panel.tsx';
import { ShopCard } from './shop-card.tsx';
import { UnconnectedCard } from './unconnected-card.tsx';

/** The connected shops, and the app's push configuration. */
export function ShopsPage() {
  const query = useQuery(shopsQuery);
  return (
    <Page
      title="Shops"
      about="Authorization to read a shop’s orders: an access token of 4 hours, refreshed automatically, and an authorization of up to a year, which the seller renews."
      actions={<Connect list={query.data} />}
    >
      <QueryBoundary query={query}>
        {(list) => (
          <Stack gap="lg">
            <ConnectResult />
            {list.connectHint !== null && <Alert color="blue">{list.connectHint}</Alert>}
            {list.shops.length + list.shopsWithoutTokens.length === 0 ? (
              <Paper withBorder>
                <EmptyState
                  py="xl"
                  icon={<IconBuildingStore />}
                  title="No shop connected"
                  description="Connect one: you log in to Shopee as the seller and confirm."
                />
              </Paper>
            ) : (
              <SimpleGrid minColWidth="min(100%, 340px)">
                {list.shopsWithoutTokens.map((shop) => (
                  <UnconnectedCard key={shop.shop} shop={shop} />
                ))}
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
      </QueryBoundary>
    </Page>
  );
}

function Connect({ list }: { list: ShopList | undefined }) {
  const connect = useMutation({
    mutationFn: (options: ShopConnect) => send<Link>('/shops/connect', options),
    onSuccess: ({ url }) => location.assign(url),
    onError: notifyError('Could not start'),
  });
  const disabled = list === undefined || list.connectHint !== null || connect.isPending || connect.isSuccess;
  return (
    <Button disabled={disabled} onClick={() => connect.mutate({})} leftSection={<IconPlus size={16} />}>
      Connect a shop
    </Button>
  );
}

/** What to do, by the code that the server puts into the URL. */
const problems: Readonly<Record<string, string>> = {
  'invalid-link': 'The link was not made here, or is older than half an hour. Begin again from this page.',
  'used-link': 'The link was used already. Begin again from this page.',
  'other-browser': 'The link was made in another browser. Begin again from this page.',
  'not-confirmed': 'The authorization was not confirmed at Shopee. Begin again from this page.',
  'no-shop': 'The main account authorized no shop. Begin again and choose its shops.',
  'used-code': 'Shopee’s code was used already, or is older than ten minutes. Begin again from this page.',
  rejected: 'Shopee rejected the authorization. The log of the forwarder says why.',
  unreachable: 'Shopee is unreachable. Try again.',
  'no-public-url': 'PUBLIC_URL is not set.',
};

/** Result of connecting: Shopee redirects back to this page with it in the URL. */
function ConnectResult() {
  const [parameters, setParameters] = useSearchParams();
  const connected = parameters.get('connected');
  const problem = parameters.get('problem');
  const close = (): void => setParameters({}, { replace: true });
  if (problem !== null) {
    return (
      <Alert color="red" title="The shop was not connected" withCloseButton closeButtonLabel="Close" onClose={close}>
        {problems[problem] ?? 'Begin again from this page.'}
      </Alert>
    );
  }
  if (connected === null) return null;
  const shops = connected.split(',');
  return (
    <Alert color="green" title="Connected" withCloseButton closeButtonLabel="Close" onClose={close} role="status">
      {shops.length === 1 ? `Shop ${connected} is connected.` : `Shops ${shops.join(', ')} are connected.`}
    </Alert>
  );
}
