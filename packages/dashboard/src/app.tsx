import { lazy, Suspense } from 'react';
import { Center, Loader, MantineProvider } from '@mantine/core';
import { ModalsProvider } from '@mantine/modals';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider, useQuery } from '@tanstack/react-query';
import { Redirect, Route, Router, Switch, useLocation } from 'wouter';
import { LiveProvider } from './live.tsx';
import { LoginPage } from './login-page.tsx';
import { ErrorNote } from './parts/error-note.tsx';
import { PageGuard } from './parts/page-guard.tsx';
import { queryClient, sessionQuery } from './queries.ts';
import { Shell } from './shell.tsx';
import { theme } from './theme.ts';

const OverviewPage = lazy(async () => ({ default: (await import('./overview/overview-page.tsx')).OverviewPage }));
const EventsPage = lazy(async () => ({ default: (await import('./events/events-page.tsx')).EventsPage }));
const OrdersPage = lazy(async () => ({ default: (await import('./orders/orders-page.tsx')).OrdersPage }));
const DeadLettersPage = lazy(async () => ({
  default: (await import('./dead-letters/dead-letters-page.tsx')).DeadLettersPage,
}));
const RefusedPage = lazy(async () => ({ default: (await import('./refused/refused-page.tsx')).RefusedPage }));
const ShopsPage = lazy(async () => ({ default: (await import('./shops/shops-page.tsx')).ShopsPage }));
const JobsPage = lazy(async () => ({ default: (await import('./jobs/jobs-page.tsx')).JobsPage }));
const WorkersPage = lazy(async () => ({ default: (await import('./workers/workers-page.tsx')).WorkersPage }));
const ConfigurationPage = lazy(async () => ({
  default: (await import('./configuration/configuration-page.tsx')).ConfigurationPage,
}));
const SetupPage = lazy(async () => ({ default: (await import('./setup/setup-page.tsx')).SetupPage }));

export function App() {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <ModalsProvider>
          <Notifications position="bottom-right" limit={4} />
          <Router base="/dashboard">
            <Gate />
          </Router>
        </ModalsProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}

/** The login page, until there is a session. */
function Gate() {
  const session = useQuery(sessionQuery);
  if (session.data?.authenticated === true) return <Inside />;
  if (session.data !== undefined) return <LoginPage session={session.data} />;
  return (
    <Center mih="100vh" p="md">
      {session.isError ? <ErrorNote error={session.error} onRetry={() => session.refetch()} /> : <Wait />}
    </Center>
  );
}

function Inside() {
  const [location] = useLocation();
  return (
    <LiveProvider>
      <Shell>
        {/* Another page has another chance. */}
        <PageGuard key={location.split('/')[1] ?? ''}>
          <Suspense fallback={<Wait />}>
            <Switch>
              <Route path="/" component={OverviewPage} />
              <Route path="/events/:id?" component={EventsPage} />
              <Route path="/orders/:sn?" component={OrdersPage} />
              <Route path="/dead-letters" component={DeadLettersPage} />
              <Route path="/refused" component={RefusedPage} />
              <Route path="/shops" component={ShopsPage} />
              <Route path="/jobs" component={JobsPage} />
              <Route path="/workers" component={WorkersPage} />
              <Route path="/configuration" component={ConfigurationPage} />
              <Route path="/setup" component={SetupPage} />
              <Route>
                <Redirect to="/" replace />
              </Route>
            </Switch>
          </Suspense>
        </PageGuard>
      </Shell>
    </LiveProvider>
  );
}

function Wait() {
  return (
    <Center mih={200}>
      <Loader type="dots" aria-label="Loading" />
    </Center>
  );
}
