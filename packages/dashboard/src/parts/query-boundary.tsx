import type { ReactNode } from 'react';
import { Skeleton, Stack } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { ErrorNote } from './error-note.tsx';

/** Shows what a query answered; what came last stays while the next answer is on its way or fails. */
export function QueryBoundary<Data>(props: {
  query: UseQueryResult<Data>;
  children: (data: Data) => ReactNode;
  /** How many grey lines stand in for it at first. */
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
