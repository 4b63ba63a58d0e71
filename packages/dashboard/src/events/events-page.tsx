import { useEffect, useMemo, useRef, useState } from 'react';
import { Box, Button, Drawer, Group, Paper, Stack, Switch } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import type { EventQuery } from '@shopee-webhook/contracts/dashboard-api';
import { useLocation, useParams, useSearch } from 'wouter';
import { useLiveRefetch } from '../live/live-provider.tsx';
import { QueryBoundary } from '../parts/query-boundary.tsx';
import { Page } from '../layout/page.tsx';
import { eventsQuery, histogramQuery } from '../api/queries.ts';
import { EventDetailPanel } from './event-detail-panel.tsx';
import { EventFilters } from './event-filters.tsx';
import { EventHistogram } from './event-histogram.tsx';
import { useEventSearch, useTimeRange, type EventSearch } from './event-search.ts';
import { EventTable } from './event-table.tsx';
import { SavedViews } from './saved-views.tsx';
import { useHeldRows } from './use-held-rows.ts';
import { pluralize } from '../format/format.ts';
import { Pager } from '../parts/pager.tsx';
import { usePageHotkeys } from '../parts/use-page-hotkeys.ts';
import { useIsMobile } from '../parts/use-is-mobile.ts';
import classes from './events-page.module.css';

const pageSize = 50;

const pollMs = 10_000;

/** Every accepted push: a list with a histogram above it and the selected event beside it. */
export function EventsPage() {
  const { id } = useParams<{ id?: string }>();
  const [search, change] = useEventSearch();
  const select = useSelect(id);
  const isWide = useMediaQuery('(min-width: 75em)', true);
  const isMobile = useIsMobile();
  const searchBox = useRef<HTMLInputElement>(null);
  const [following, setFollowing] = useState(true);
  const span = useTimeRange(search);
  // Polled as well: a refetch that fails while the server restarts would wait for the next event.
  const refetchInterval = following ? pollMs : false;
  const query = useQuery({ ...eventsQuery(toEventQuery(search, span)), refetchInterval });
  const histogram = useQuery({
    ...histogramQuery({ ...toEventFilter(search), ...span, buckets: 60 }),
    refetchInterval,
  });
  const fresh = useMemo(() => query.data?.events ?? [], [query.data]);
  const isLoaded = query.isSuccess && !query.isPlaceholderData;
  const { rows: events, newCount, hold, release } = useHeldRows(fresh, useSearch(), isLoaded);

  useLiveRefetch(
    () => following,
    () => Promise.all([query.refetch(), histogram.refetch()]),
  );
  const step = (by: number): void => {
    const next = events[events.findIndex((event) => event.id === id) + by];
    if (next !== undefined) select(next.id);
    else if (id === undefined && events[0] !== undefined) select(events[0].id);
  };
  usePageHotkeys([
    ['/', () => searchBox.current?.focus()],
    ['j', () => step(1)],
    ['k', () => step(-1)],
    ['Escape', () => select(undefined)],
  ]);

  const detail = id !== undefined && <EventDetailPanel id={id} onClose={() => select(undefined)} />;
  return (
    <Page
      title="Events"
      actions={
        <Switch
          label="Follow live"
          checked={following}
          onChange={(event) => setFollowing(event.currentTarget.checked)}
        />
      }
    >
      <Stack gap="md">
        <EventFilters search={search} onChange={change} searchBox={searchBox} />
        <SavedViews />
        <EventHistogram
          histogram={histogram.data}
          zoomed={search.from !== undefined}
          onZoomIn={(from, to) => change({ from, to })}
          onResetZoom={() => change({ from: undefined, to: undefined })}
        />
        <div className={classes['split']} data-open={(isWide && id !== undefined) || undefined}>
          <Paper
            withBorder
            className={classes['list']}
            pos="relative"
            onPointerMove={(event) => event.pointerType === 'mouse' && hold()}
            onPointerLeave={() => window.scrollY <= 120 && release()}
          >
            {newCount > 0 && (
              <Button
                size="xs"
                radius="xl"
                className={classes['new']}
                onClick={() => {
                  release();
                  window.scrollTo({ top: 0 });
                }}
              >
                {newCount >= pageSize ? `${String(pageSize)}+ new events` : pluralize(newCount, 'new event')}
              </Button>
            )}
            <QueryBoundary query={query} lines={10}>
              {(page) => (
                <>
                  <EventTable
                    events={events}
                    selected={id}
                    columns={isMobile ? 'mobile' : isWide && id !== undefined ? 'few' : 'all'}
                    onSelect={(clicked) => select(clicked === id ? undefined : clicked)}
                  />
                  <Group justify="flex-end" p="sm">
                    <Pager
                      isFirst={search.before === undefined}
                      next={page.next}
                      onFirst={() => change({ before: undefined })}
                      onNext={(before) => change({ before })}
                    />
                  </Group>
                </>
              )}
            </QueryBoundary>
          </Paper>
          {isWide && detail !== false && (
            <Paper withBorder className={classes['detail']} component="section" aria-label="Event">
              {detail}
            </Paper>
          )}
        </div>
      </Stack>
      {!isWide && (
        <Drawer
          opened={id !== undefined}
          onClose={() => select(undefined)}
          position="right"
          size="lg"
          title="Event"
          closeButtonProps={{ 'aria-label': 'Close' }}
        >
          <Box>{detail}</Box>
        </Drawer>
      )}
    </Page>
  );
}

/** Marks the history entry of an event opened from the list: the list is one step back. */
const openedOverList = 'over-list';

/**
 * Navigates to an event, or back to the list, and preserves the filters in the URL. Any number of viewed events make one
 * history entry, and none once closed.
 */
function useSelect(opened: string | undefined): (id: string | undefined) => void {
  const [, navigate] = useLocation();
  const parameters = useSearch();
  useEffect(() => {
    if (opened === undefined) history.scrollRestoration = 'auto';
  }, [opened]);
  return (id) => {
    if (id === opened) return;
    const state: unknown = history.state;
    if (id === undefined && state === openedOverList) {
      // Called twice at once, as by a key that the drawer handles too, it must not leave the page.
      history.replaceState(null, '');
      history.back();
      return;
    }
    // Preserve the list's scroll position on the way back.
    if (opened === undefined) history.scrollRestoration = 'manual';
    const path = id === undefined ? '/events' : `/events/${encodeURIComponent(id)}`;
    const how =
      opened === undefined ? { state: openedOverList } : { replace: true, state: id === undefined ? null : state };
    navigate(parameters === '' ? path : `${path}?${parameters}`, how);
    history.scrollRestoration = 'auto';
  };
}

function toEventFilter({
  search,
  state,
  code,
  shop,
}: EventSearch): Omit<EventQuery, 'from' | 'to' | 'before' | 'limit'> {
  return {
    ...(search === undefined ? {} : { search }),
    ...(state === undefined ? {} : { state: state as NonNullable<EventQuery['state']> }),
    ...(code === undefined ? {} : { code }),
    ...(shop === undefined ? {} : { shop }),
  };
}

function toEventQuery(search: EventSearch, span: { from: number; to: number }): EventQuery {
  return {
    ...toEventFilter(search),
    from: span.from,
    ...(search.to === undefined ? {} : { to: search.to }),
    ...(search.before === undefined ? {} : { before: search.before }),
    limit: pageSize,
  };
}
