import { lazy, Suspense } from 'react';
import { Alert, Anchor, Skeleton, Stack } from '@mantine/core';
import { IconAlertTriangle, IconRocket } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { Alarm } from '@shopee-webhook/forwarder/api-types';
import { Link } from 'wouter';
import { Answer } from '../parts/answer.tsx';
import { Page } from '../parts/page.tsx';
import { When } from '../parts/when.tsx';
import { overviewQuery } from '../queries.ts';
import { AnswerCard } from './answer-card.tsx';
import { Figures } from './figures.tsx';
import { FlowPicture } from './flow-picture.tsx';

const ChartSection = lazy(async () => ({ default: (await import('./chart-section.tsx')).ChartSection }));

/** Is every order in my sheet? Then: how each part is, and how it went. */
export function OverviewPage() {
  const query = useQuery(overviewQuery);
  return (
    <Page title="Overview">
      <Answer query={query} lines={8}>
        {(overview) => (
          <Stack gap="lg">
            <AnswerCard overview={overview} />
            {!overview.setupDone && <SetupHint />}
            {overview.alarms.map((alarm) => (
              <AlarmNote key={alarm.key} alarm={alarm} />
            ))}
            <Figures overview={overview} />
            <FlowPicture parts={overview.flow} />
            <Suspense fallback={<Skeleton h={560} radius="md" />}>
              <ChartSection />
            </Suspense>
          </Stack>
        )}
      </Answer>
    </Page>
  );
}

const alarmColors = { info: 'blue', warning: 'orange', critical: 'red' } as const;

function AlarmNote({ alarm }: { alarm: Alarm }) {
  return (
    <Alert color={alarmColors[alarm.severity]} icon={<IconAlertTriangle />} title={alarm.title}>
      {alarm.text} Since <When at={alarm.since} />.
    </Alert>
  );
}

function SetupHint() {
  return (
    <Alert color="blue" icon={<IconRocket />} title="A few steps are still missing">
      Some of the product is not set up yet.{' '}
      <Anchor component={Link} href="/setup" inherit underline="always">
        See what is left
      </Anchor>
    </Alert>
  );
}
