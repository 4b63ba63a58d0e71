import { useState, type RefObject } from 'react';
import { CloseButton, Group, Kbd, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { EventStateName } from '@shopee-webhook/contracts/dashboard-api';
import { stateLabels } from '../parts/level.ts';
import { maxSearchLength } from '../parts/max-search-length.ts';
import { useEventTypes } from '../parts/use-event-types.ts';
import { shopsQuery } from '../api/queries.ts';
import { ranges, type EventSearch } from './event-search.ts';

export interface EventFiltersProps {
  search: EventSearch;
  onChange: (change: Partial<Record<keyof EventSearch, string | undefined>>) => void;
  searchBox: RefObject<HTMLInputElement | null>;
}

const stateOptions = Object.entries(stateLabels).map(([value, label]) => ({ value: value as EventStateName, label }));
const rangeOptions = Object.entries(ranges).map(([value, { label }]) => ({ value, label }));

/** Search and filters, kept in the URL. */
export function EventFilters({ search, onChange, searchBox }: EventFiltersProps) {
  const shops = useShops();
  const codes = useEventTypes().map(({ code, title }) => ({ value: String(code), label: title }));
  return (
    <Group gap="xs" component="search">
      <SearchBox value={search.search ?? ''} onChange={(text) => onChange({ search: text })} box={searchBox} />
      <Select
        aria-label="State"
        placeholder="Any state"
        data={stateOptions}
        value={search.state ?? null}
        onChange={(state) => onChange({ state: state ?? undefined })}
        clearable
        flex={{ base: 1, sm: '0 0 150px' }}
        miw={{ base: 140, sm: 150 }}
      />
      <Select
        aria-label="Event type"
        placeholder="Any event"
        data={codes}
        value={search.code ?? null}
        onChange={(code) => onChange({ code: code ?? undefined })}
        clearable
        searchable
        flex={{ base: 1, sm: '0 0 200px' }}
        miw={{ base: 140, sm: 200 }}
      />
      {shops.length > 1 && (
        <Select
          aria-label="Shop"
          placeholder="Any shop"
          data={shops}
          value={search.shop ?? null}
          onChange={(shop) => onChange({ shop: shop ?? undefined })}
          clearable
          flex={{ base: 1, sm: '0 0 180px' }}
          miw={{ base: 140, sm: 180 }}
        />
      )}
      <Select
        aria-label="Time"
        data={rangeOptions}
        value={search.range}
        onChange={(range) => onChange({ range: range ?? undefined })}
        allowDeselect={false}
        flex={{ base: 1, sm: '0 0 150px' }}
        miw={{ base: 140, sm: 150 }}
      />
    </Group>
  );
}

function SearchBox(props: {
  value: string;
  onChange: (text: string) => void;
  box: RefObject<HTMLInputElement | null>;
}) {
  const { value, onChange, box } = props;
  const [{ text, of }, setShown] = useState({ text: value, of: value });
  // The URL was changed by other means than typing.
  if (of !== value) setShown({ text: value, of: value });
  const search = useDebouncedCallback(onChange, 250);
  const type = (typed: string): void => {
    setShown({ text: typed, of });
    search(typed.trim());
  };
  return (
    <TextInput
      ref={box}
      aria-label="Search"
      placeholder="Order number or event id"
      flex={{ base: '1 0 100%', sm: 1 }}
      miw={220}
      leftSection={<IconSearch size={16} />}
      rightSection={
        text === '' ? (
          <Kbd size="xs">/</Kbd>
        ) : (
          <CloseButton size="sm" aria-label="Clear the search" onClick={() => type('')} />
        )
      }
      value={text}
      maxLength={maxSearchLength}
      onChange={(event) => type(event.currentTarget.value)}
      onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
    />
  );
}

function useShops(): { value: string; label: string }[] {
  const { data } = useQuery(shopsQuery);
  return (data?.shops ?? []).map(({ shop, name }) => ({ value: shop, label: name ?? shop }));
}
