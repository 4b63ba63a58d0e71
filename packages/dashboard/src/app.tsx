import { lazy, Suspense } from 'react';
import { Center, Loader, MantineProvider } from '@mantine/core';
import { ModalsProvider } from '@mantine/modals';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider, useQuery } from '@tanstack/react-query';
import { Redirect, Route, Router, Switch } from 'wouter';
import { LiveProvider } from './live.tsx';
import { LoginPage } from './login-page.tsx';
import { ErrorNote } from './parts/error-note.tsx';
import { queryClient, sessionQuery } from './queries.ts';
import { Shell } from './shell.tsx';
import { theme } from './theme.ts';

const OverviewPage = lazy(async () => ({ default: (await import('./overview/overview-page.tsx')).OverviewPage }));
const EventsPage = lazy(async () => ({ default: (await import('./events/events-page.tsx')).EventsPage }));

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
  return (
    <LiveProvider>
      <Shell>
        <Suspense fallback={<Wait />}>
          <Switch>
            <Route path="/" component={OverviewPage} />
            <Route path="/events/:id?" component={EventsPage} />
            <Route>
              <Redirect to="/" replace />
            </Route>
          </Switch>
        </Suspense>
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
