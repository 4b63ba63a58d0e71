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

/** One order: at Shopee, in the sheet, and its events. */
export function OrdersPage() {
  const { sn } = useParams<{ sn?: string }>();
  const [parameters] = useSearchParams();
  const shop = parameters.get('shop') ?? undefined;
  return (
    <Page title="Orders" about="Look up an order: compare Shopee, the sheet, and the event history.">
      <OrderSearch key={`${sn ?? ''} ${shop ?? ''}`} sn={sn ?? ''} shop={shop} />
      {sn === undefined ? (
        <Paper withBorder>
          <EmptyState
            py="xl"
            icon={<IconReceipt2 />}
            title="Search for an order"
            description="Enter an order number as shown by Shopee, for example 261123SG4MF4VM."
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
  const [selected, setSelected] = useState(shop ?? null);
  const { data } = useQuery(shopsQuery);
  const shops = (data?.shops ?? []).map(({ shop: value, name }) => ({ value, label: name ?? value }));
  return (
    <form
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        const number = typed.trim();
        if (number === '') return;
        navigate(`/orders/${encodeURIComponent(number)}${toQueryString({ shop: selected ?? undefined })}`);
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
            placeholder="Detect automatically"
            data={shops}
            value={selected}
            onChange={setSelected}
            clearable
            w={200}
          />
        )}
        <Button type="submit">Look up</Button>
      </Group>
    </form>
  );
}
