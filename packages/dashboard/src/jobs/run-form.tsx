import { useState } from 'react';
import { Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { modals } from '@mantine/modals';
import { useQuery } from '@tanstack/react-query';
import type { JobItem, JobRun } from '@shopee-webhook/contracts/dashboard-api';
import { shopsQuery } from '../api/queries.ts';
import { startOfDay, toIsoDate } from '../format/zone.ts';

const day = 24 * 3_600_000;

/** Opens a form for the job's parameters, then runs it. */
export function openRunForm(job: JobItem, onRun: (options: JobRun) => void): void {
  const id = modals.open({
    title: `Run ${job.title}`,
    closeButtonProps: { 'aria-label': 'Close' },
    children: (
      <RunForm
        job={job}
        onRun={(options) => {
          modals.close(id);
          onRun(options);
        }}
      />
    ),
  });
}

function RunForm({ job, onRun }: { job: JobItem; onRun: (options: JobRun) => void }) {
  const { data } = useQuery(shopsQuery);
  const [shop, setShop] = useState<string | null>(null);
  const [from, setFrom] = useState(() => toIsoDate(Date.now() - 15 * day));
  const [to, setTo] = useState(() => toIsoDate(Date.now()));
  const takes = new Set(job.parameters);
  const shops = (data?.shops ?? []).map(({ shop: value, name }) => ({ value, label: name ?? value }));
  const run = (): void =>
    onRun({
      ...(shop === null ? {} : { shop }),
      ...(takes.has('from') ? { from: startOfDay(from) } : {}),
      // The last day is included.
      ...(takes.has('to') ? { to: Math.min(Date.now(), startOfDay(to) + day) } : {}),
    });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        run();
      }}
    >
      <Stack>
        <Text size="sm">{job.description}</Text>
        {takes.has('shop') && (
          <Select label="Shop" placeholder="All shops" data={shops} value={shop} onChange={setShop} clearable />
        )}
        <Group grow>
          {takes.has('from') && (
            <TextInput
              type="date"
              label="From"
              required
              max={to}
              value={from}
              onChange={(event) => setFrom(event.currentTarget.value)}
            />
          )}
          {takes.has('to') && (
            <TextInput
              type="date"
              label="To, inclusive"
              required
              min={from}
              value={to}
              onChange={(event) => setTo(event.currentTarget.value)}
            />
          )}
        </Group>
        <Button type="submit">Run now</Button>
      </Stack>
    </form>
  );
}
