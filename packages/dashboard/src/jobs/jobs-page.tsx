import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Answer } from '../parts/answer.tsx';
import { Page } from '../parts/page.tsx';
import { jobsQuery } from '../queries.ts';
import { JobCard } from './job-card.tsx';

/** What runs by itself so that no order is missing, and can be run now. */
export function JobsPage() {
  const query = useQuery(jobsQuery);
  return (
    <Page title="Jobs" about="What runs by itself so that no order is missing; each can be run now.">
      <Answer query={query}>
        {({ jobs }) => (
          <Stack gap="md">
            {jobs.map((job) => (
              <JobCard key={job.name} job={job} />
            ))}
          </Stack>
        )}
      </Answer>
    </Page>
  );
}
