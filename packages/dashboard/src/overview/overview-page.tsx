import { lazy, Suspense } from 'react';
import { Alert, Anchor, Skeleton, Stack } from '@mantine/core';
import { IconAlertTriangle, IconRocket } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ActiveAlert } from '@shopee-webhook/contracts/dashboard-api';
import { Link } from 'wouter';
import { QueryBoundary } from '../parts/query-boundary.tsx';
import { Page } from '../layout/page.tsx';
import { RelativeTime } from '../parts/relative-time.tsx';
import { overviewQuery } from '../api/queries.ts';
import { HealthCard } from './health-card.tsx';
import { KpiCards } from './kpi-cards.tsx';
import { MoneyCards } from './money-cards.tsx';
import { PipelineDiagram } from './pipeline-diagram.tsx';

const ChartSection = lazy(async () => ({ default: (await import('./chart-section.tsx')).ChartSection }));

/** Is every order in the sheet? Then key figures, pipeline and trends. */
export function OverviewPage() {
  const query = useQuery(overviewQuery);
  return (
    <Page title="Overview">
      <QueryBoundary query={query} lines={8}>
        {(overview) => (
          <Stack gap="lg">
            <HealthCard overview={overview} />
            {!overview.setupDone && <SetupHint />}
            {overview.alerts.map((alert) => (
              <AlertNote key={alert.key} alert={alert} />
            ))}
            <KpiCards overview={overview} />
            <MoneyCards money={overview.money} />
            <PipelineDiagram parts={overview.components} />
            <Suspense fallback={<Skeleton h={560} radius="md" />}>
              <ChartSection />
            </Suspense>
          </Stack>
        )}
      </QueryBoundary>
    </Page>
  );
}

const alertColors = { info: 'blue', warning: 'orange', critical: 'red' } as const;

function AlertNote({ alert }: { alert: ActiveAlert }) {
  return (
    <Alert color={alertColors[alert.severity]} icon={<IconAlertTriangle />} title={alert.title}>
      {alert.text} Since <RelativeTime at={alert.since} />.
    </Alert>
  );
}

function SetupHint() {
  return (
    <Alert color="blue" icon={<IconRocket />} title="Setup is not complete">
      A few steps are left before everything works.{' '}
      <Anchor component={Link} href="/setup" inherit underline="always">
        Continue setup
      </Anchor>
    </Alert>
  );
}
