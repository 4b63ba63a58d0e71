import { useState } from 'react';
import { Button, Group, Select, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useLocation, useParams, useSearchParams } from 'wouter';
import { toQueryString } from '../api/client.ts';
import { maxSearchLength } from '../parts/max-search-length.ts';
import { Page } from '../layout/page.tsx';
import { shopsQuery } from '../api/queries.ts';
import { OrderListView } from './order-list.tsx';
import { OrderView } from './order-view.tsx';

/** The newest orders; one order at Shopee, in the sheet, and its events. */
export function OrdersPage() {
  const { sn } = useParams<{ sn?: string }>();
  const [parameters] = useSearchParams();
  const shop = parameters.get('shop') ?? undefined;
  return (
    <Page title="Orders" about="The newest orders. Look one up to compare Shopee, the sheet, and the event history.">
      <OrderSearch key={`${sn ?? ''} ${shop ?? ''}`} sn={sn ?? ''} shop={shop} />
      {sn === undefined ? <OrderListView /> : <OrderView sn={sn} shop={shop} />}
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

          flex={1}
          maw={360}
          miw={200}
        />
        {sn !== '' && shops.length > 1 && (
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
