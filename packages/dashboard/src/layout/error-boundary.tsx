import { Component, type ReactNode } from 'react';
import { Alert, Button } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';

/**
 * Stands in for a page that cannot be shown. Above all one that is not there any more: a page's code is loaded when it is first
 * gone to, and the forwarder may have been updated since this window was opened.
 */
export class ErrorBoundary extends Component<{ children: ReactNode }, { isBroken: boolean }> {
  override state = { isBroken: false };

  static getDerivedStateFromError(): { isBroken: boolean } {
    return { isBroken: true };
  }

  override render(): ReactNode {
    if (!this.state.isBroken) return this.props.children;
    return (
      <Alert color="orange" icon={<IconAlertTriangle />} title="This page could not be loaded" role="alert">
        The forwarder is away, or it was updated since this window was opened.
        <Button size="xs" variant="default" mt="sm" display="block" onClick={() => window.location.reload()}>
          Load it again
        </Button>
      </Alert>
    );
  }
}
