import { QueryCache, QueryClient, queryOptions } from '@tanstack/react-query';
import type {
  ChartRange,
  Charts,
  DeadLetterDetail,
  DeadLetterFilter,
  DeadLetterGroups,
  DeadLetterPage,
  DeadLetterQuery,
  EventDetail,
  EventPage,
  EventQuery,
  Histogram,
  HistogramQuery,
  JobList,
  Money,
  OrderList,
  OrderListQuery,
  OrderLookup,
  Overview,
  RejectedPushList,
  Session,
  SettingList,
  Setup,
  ShopList,
  StatementView,
  BulkOperation,
  Workers,
} from '@shopee-webhook/contracts/dashboard-api';
import { ApiError, get, toQueryString } from './client.ts';

/** One per page. A 401 anywhere means that the session has expired: the login page takes over. */
export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: (error) => handleExpiredSession(error) }),
  defaultOptions: {
    queries: { retry: (failures, error) => failures < 2 && isTransient(error), staleTime: 2_000 },
    mutations: { onError: (error) => handleExpiredSession(error) },
  },
});

function handleExpiredSession(error: unknown): void {
  if (!(error instanceof ApiError) || error.status !== 401) return;
  queryClient.setQueryData<Session>(['session'], (session) => session && { ...session, authenticated: false });
}

/** Whether a retry may help: the server is briefly unavailable, rather than rejecting the request. */
function isTransient(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status >= 502);
}

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: () => get<Session>('/session'),
  staleTime: 60_000,
});

/** Kept fresh by the live stream; polled as well in case the stream is down. */
export const overviewQuery = queryOptions({
  queryKey: ['overview'],
  queryFn: () => get<Overview>('/overview'),
  refetchInterval: 30_000,
});

export const setupQuery = queryOptions({
  queryKey: ['setup'],
  queryFn: () => get<Setup>('/setup'),
  refetchInterval: 5_000,
});

export function chartsQuery(range: ChartRange) {
  return queryOptions({
    queryKey: ['charts', range],
    queryFn: () => get<Charts>(`/charts${toQueryString({ range })}`),
    refetchInterval: range === '1h' ? 10_000 : 60_000,
    placeholderData: (previous) => previous,
  });
}

export function eventsQuery(query: EventQuery) {
  return queryOptions({
    queryKey: ['events', query],
    queryFn: () => get<EventPage>(`/events${toQueryString(query as Record<string, string>)}`),
    placeholderData: (previous) => previous,
  });
}

export function histogramQuery(query: HistogramQuery) {
  return queryOptions({
    queryKey: ['histogram', query],
    queryFn: () => get<Histogram>(`/events/histogram${toQueryString(query as Record<string, string>)}`),
    placeholderData: (previous) => previous,
  });
}

export function eventQuery(id: string) {
  return queryOptions({
    queryKey: ['event', id],
    queryFn: () => get<EventDetail>(`/events/${encodeURIComponent(id)}`),
  });
}

export const rejectedQuery = queryOptions({
  queryKey: ['rejected'],
  queryFn: () => get<RejectedPushList>('/rejected'),
});

export function deadLettersQuery(query: DeadLetterQuery) {
  return queryOptions({
    queryKey: ['dead-letters', 'page', query],
    queryFn: () => get<DeadLetterPage>(`/dead-letters${toQueryString(query as Record<string, string>)}`),
    placeholderData: (previous) => previous,
  });
}

export function deadLetterGroupsQuery(filter: DeadLetterFilter) {
  return queryOptions({
    queryKey: ['dead-letters', 'groups', filter],
    queryFn: () => get<DeadLetterGroups>(`/dead-letters/groups${toQueryString(filter)}`),
    placeholderData: (previous) => previous,
  });
}

export function deadLetterQuery(id: string) {
  return queryOptions({
    queryKey: ['dead-letters', 'one', id],
    queryFn: () => get<DeadLetterDetail>(`/dead-letters/${encodeURIComponent(id)}`),
  });
}

export function taskQuery(id: string) {
  return queryOptions({
    queryKey: ['task', id],
    queryFn: () => get<BulkOperation>(`/tasks/${encodeURIComponent(id)}`),
    refetchInterval: ({ state }) => (state.data === undefined || state.data.state === 'running' ? 500 : false),
  });
}

export function ordersQuery(query: OrderListQuery) {
  return queryOptions({
    queryKey: ['orders', query],
    queryFn: () => get<OrderList>(`/orders${toQueryString(query as Record<string, string>)}`),
    placeholderData: (previous) => previous,
    refetchInterval: 30_000,
  });
}

export function orderQuery(sn: string, shop: string | undefined) {
  return queryOptions({
    queryKey: ['order', sn, shop],
    queryFn: () => get<OrderLookup>(`/orders/${encodeURIComponent(sn)}${toQueryString({ shop })}`),
    // It costs a call to Shopee and one to Google.
    staleTime: 30_000,
    refetchOnWindowFocus: false,
  });
}

export const moneyQuery = queryOptions({
  queryKey: ['money'],
  queryFn: () => get<Money>('/money'),
  refetchInterval: 60_000,
});

export function statementQuery(shop: string, month: string) {
  return queryOptions({
    queryKey: ['statement', shop, month],
    queryFn: () => get<StatementView>(`/statements/${shop}/${month}`),
    // The worker reads the whole sheet for it.
    staleTime: 60_000,
    refetchOnWindowFocus: false,
  });
}

export const shopsQuery = queryOptions({
  queryKey: ['shops'],
  queryFn: () => get<ShopList>('/shops'),
  staleTime: 30_000,
  refetchInterval: 15_000,
});

export const jobsQuery = queryOptions({
  queryKey: ['jobs'],
  queryFn: () => get<JobList>('/jobs'),
  refetchInterval: ({ state }) => (state.data?.jobs.some((job) => job.state === 'running') ? 1_000 : 10_000),
});

export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: () => get<SettingList>('/settings'),
});

export const workersQuery = queryOptions({
  queryKey: ['workers'],
  queryFn: () => get<Workers>('/workers'),
  refetchInterval: 2_000,
});
