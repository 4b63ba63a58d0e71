import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { QueryBoundary } from '../parts/query-boundary.tsx';
import { Page } from '../layout/page.tsx';
import { jobsQuery } from '../api/queries.ts';
import { JobCard } from './job-card.tsx';

/** The scheduled jobs. */
export function JobsPage() {
  const query = useQuery(jobsQuery);
  return (
    <Page title="Jobs" about="Scheduled jobs that keep the sheet complete. Any of them can be run now.">
      <QueryBoundary query={query}>
        {({ jobs }) => (
          <Stack gap="md">
            {jobs.map((job) => (
              <JobCard key={job.name} job={job} />
            ))}
          </Stack>
        )}
      </QueryBoundary>
    </Page>
  );
}
