import type { ReactNode } from 'react';
import { Skeleton, Stack } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { ErrorNote } from './error-note.tsx';

/** Renders a query's data; the last data stays while a refetch runs or fails. */
export function QueryBoundary<Data>(props: {
  query: UseQueryResult<Data>;
  children: (data: Data) => ReactNode;
  /** Number of skeleton lines while the first response is loading. */
  lines?: number;
}) {
  const { query, children, lines = 4 } = props;
  if (query.data !== undefined) return children(query.data);
  if (query.isError) return <ErrorNote error={query.error} onRetry={() => query.refetch()} />;
  return (
    <Stack gap="sm" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, index) => (
        <Skeleton key={index} height={44} />
      ))}
    </Stack>
  );
}
