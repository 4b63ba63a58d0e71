import { Component, useEffect, useRef, type ReactNode } from 'react';
import { Alert, Button } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useLiveState } from '../live/live-provider.tsx';

/**
 * Shown in place of a page that cannot be rendered. Most often its code is gone: a page's code is loaded on the first visit, and
 * the server may have been updated since this window was opened.
 */
export class ErrorBoundary extends Component<{ children: ReactNode }, { hasError: boolean }> {
  override state = { hasError: false };

  static getDerivedStateFromError(): { hasError: boolean } {
    return { hasError: true };
  }

  override render(): ReactNode {
    if (!this.state.hasError) return this.props.children;
    return <NotLoaded />;
  }
}

/** Reloads when the connection comes back: the code of a page that could not be loaded is not asked for again otherwise. */
function NotLoaded() {
  const { state } = useLiveState();
  const wasLost = useRef(false);
  useEffect(() => {
    if (state === 'disconnected') wasLost.current = true;
    else if (state === 'live' && wasLost.current) window.location.reload();
  }, [state]);
  return (
    <Alert color="orange" icon={<IconAlertTriangle />} title="This page could not be loaded" role="alert">
      The server is unavailable, or it was updated since this window was opened.
      <Button size="xs" variant="default" mt="sm" display="block" onClick={() => window.location.reload()}>
        Reload
      </Button>
    </Alert>
  );
}
