import { useState } from 'react';
import { Button, EmptyState, Group, Paper, Select, TextInput } from '@mantine/core';
import { IconReceipt2, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useLocation, useParams, useSearchParams } from 'wouter';
import { toQueryString } from '../api/client.ts';
import { maxSearchLength } from '../parts/max-search-length.ts';
import { Page } from '../layout/page.tsx';
import { shopsQuery } from '../api/queries.ts';
import { OrderView } from './order-view.tsx';

/** One order, from both sides: what Shopee says, what the sheet has, and its events. */
export function OrdersPage() {
  const { sn } = useParams<{ sn?: string }>();
  const [parameters] = useSearchParams();
  const shop = parameters.get('shop') ?? undefined;
  return (
    <Page title="Orders" about="Look an order up: what Shopee says, what the sheet has, and what happened in between.">
      <OrderSearch key={`${sn ?? ''} ${shop ?? ''}`} sn={sn ?? ''} shop={shop} />
      {sn === undefined ? (
        <Paper withBorder>
          <EmptyState
            py="xl"
            icon={<IconReceipt2 />}
            title="Which order?"
            description="Type an order number as Shopee shows it, for example 261123SG4MF4VM."
          />
        </Paper>
      ) : (
        <OrderView sn={sn} shop={shop} />
      )}
    </Page>
  );
}

function OrderSearch({ sn, shop }: { sn: string; shop: string | undefined }) {
  const [, navigate] = useLocation();
  const [typed, setTyped] = useState(sn);
  const [chosen, setChosen] = useState(shop ?? null);
  const { data } = useQuery(shopsQuery);
  const shops = (data?.shops ?? []).map(({ shop: value, name }) => ({ value, label: name ?? value }));
  return (
    <form
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        const wanted = typed.trim();
        if (wanted === '') return;
        navigate(`/orders/${encodeURIComponent(wanted)}${toQueryString({ shop: chosen ?? undefined })}`);
      }}
    >
      <Group gap="xs">
        <TextInput
          aria-label="Order number"
          placeholder="Order number"
          leftSection={<IconSearch size={16} />}
          value={typed}
          maxLength={maxSearchLength}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoFocus={sn === ''}
          flex={1}
          maw={360}
          miw={200}
        />
        {shops.length > 1 && (
          <Select
            aria-label="Shop"
            placeholder="Its own shop"
            data={shops}
            value={chosen}
            onChange={setChosen}
            clearable
            w={200}
          />
        )}
        <Button type="submit">Look up</Button>
      </Group>
    </form>
  );
}
