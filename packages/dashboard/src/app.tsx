import { lazy, Suspense } from 'react';
import { Center, Loader, MantineProvider } from '@mantine/core';
import { ModalsProvider } from '@mantine/modals';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider, useQuery } from '@tanstack/react-query';
import { Redirect, Route, Router, Switch, useLocation } from 'wouter';
import { LiveProvider } from './live/live-provider.tsx';
import { LoginPage } from './login/login-page.tsx';
import { ErrorNote } from './parts/error-note.tsx';
import { ErrorBoundary } from './layout/error-boundary.tsx';
import { queryClient, sessionQuery } from './api/queries.ts';
import { Shell } from './layout/shell.tsx';
import { theme } from './theme/theme.ts';

const OverviewPage = lazy(async () => ({ default: (await import('./overview/overview-page.tsx')).OverviewPage }));
const EventsPage = lazy(async () => ({ default: (await import('./events/events-page.tsx')).EventsPage }));
const OrdersPage = lazy(async () => ({ default: (await import('./orders/orders-page.tsx')).OrdersPage }));
const DeadLettersPage = lazy(async () => ({
  default: (await import('./dead-letters/dead-letters-page.tsx')).DeadLettersPage,
}));
const RejectedPage = lazy(async () => ({ default: (await import('./rejected/rejected-page.tsx')).RejectedPage }));
const MoneyPage = lazy(async () => ({ default: (await import('./money/money-page.tsx')).MoneyPage }));
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
            <AuthGate />
          </Router>
        </ModalsProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}

/** The login page, until there is a session. */
function AuthGate() {
  const session = useQuery(sessionQuery);
  if (session.data?.authenticated === true) return <AuthenticatedApp />;
  if (session.data !== undefined) return <LoginPage session={session.data} />;
  return (
    <Center mih="100vh" p="md">
      {session.isError ? <ErrorNote error={session.error} onRetry={() => session.refetch()} /> : <Loading />}
    </Center>
  );
}

function AuthenticatedApp() {
  const [location] = useLocation();
  return (
    <LiveProvider>
      <Shell>
        {/* Navigating resets the boundary. */}
        <ErrorBoundary key={location.split('/')[1] ?? ''}>
          <Suspense fallback={<Loading />}>
            <Switch>
              <Route path="/" component={OverviewPage} />
              <Route path="/events/:id?" component={EventsPage} />
              <Route path="/orders/:sn?" component={OrdersPage} />
              <Route path="/dead-letters" component={DeadLettersPage} />
              <Route path="/rejected" component={RejectedPage} />
              <Route path="/money" component={MoneyPage} />
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
        </ErrorBoundary>
      </Shell>
    </LiveProvider>
  );
}

function Loading() {
  return (
    <Center mih={200}>
      <Loader type="dots" aria-label="Loading" />
    </Center>
  );
}
