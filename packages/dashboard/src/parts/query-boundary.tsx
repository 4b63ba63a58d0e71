import type { ReactNode } from 'react';
import { Skeleton, Stack } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { ErrorNote, StaleNote } from './error-note.tsx';

/** Renders a query's data. The last data stays while a refetch runs, and after a failed one with a note of its age. */
export function QueryBoundary<Data>(props: {
  query: UseQueryResult<Data>;
  children: (data: Data) => ReactNode;
  /** Number of skeleton lines while the first response is loading. */
  lines?: number;
}) {
  const { query, children, lines = 4 } = props;
  if (query.data !== undefined) {
    return (
      <>
        {query.isError && <StaleNote error={query.error} since={query.dataUpdatedAt} />}
        {children(query.data)}
      </>
    );
  }
  if (query.isError) return <ErrorNote error={query.error} onRetry={() => query.refetch()} />;
  return (
    <Stack gap="sm" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, index) => (
        <Skeleton key={index} height={44} />
      ))}
    </Stack>
  );
}
