import { Alert, Stack, Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'wouter';
import { QueryBoundary } from '../parts/query-boundary.tsx';
import { Page } from '../layout/page.tsx';
import { settingsQuery } from '../api/queries.ts';
import { ChangeTable } from './change-table.tsx';
import { SettingGroups } from './setting-groups.tsx';
import { TestPanel } from './test-panel.tsx';

/** Settings with their descriptions and sources, connection tests, and the change log. */
export function ConfigurationPage() {
  const query = useQuery(settingsQuery);
  const [parameters, setParameters] = useSearchParams();
  return (
    <Page
      title="Configuration"
      about="Settings that can be changed at runtime are stored in Redis and logged. All others come from the environment."
    >
      <Tabs
        value={parameters.get('tab') ?? 'settings'}
        onChange={(tab) => setParameters(tab === null || tab === 'settings' ? {} : { tab }, { replace: true })}
        keepMounted={false}
      >
        <Tabs.List mb="lg">
          <Tabs.Tab value="settings">Settings</Tabs.Tab>
          <Tabs.Tab value="tests">Tests</Tabs.Tab>
          <Tabs.Tab value="changes">Changes</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="settings">
          <QueryBoundary query={query} lines={8}>
            {({ settings, readOnly }) => (
              <Stack gap="lg">
                {readOnly !== null && (
                  <Alert color="orange" title="Settings are read-only right now">
                    {readOnly}
                  </Alert>
                )}
                <SettingGroups settings={settings} readOnly={readOnly !== null} />
              </Stack>
            )}
          </QueryBoundary>
        </Tabs.Panel>
        <Tabs.Panel value="tests">
          <TestPanel />
        </Tabs.Panel>
        <Tabs.Panel value="changes">
          <QueryBoundary query={query}>{({ changes }) => <ChangeTable changes={changes} />}</QueryBoundary>
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
