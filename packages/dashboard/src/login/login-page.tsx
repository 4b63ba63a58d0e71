import { useState } from 'react';
import { Alert, Button, Center, Code, Paper, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Session } from '@shopee-webhook/contracts/dashboard-api';
import { send } from '../api/client.ts';
import { Logo } from '../layout/logo.tsx';
import { usePageTitle } from '../layout/page.tsx';
import { sessionQuery } from '../api/queries.ts';

export function LoginPage({ session }: { session: Session }) {
  usePageTitle('Log in');
  const client = useQueryClient();
  const [password, setPassword] = useState('');
  const login = useMutation({
    mutationFn: () => send<Session>('/login', { password }),
    onSuccess: (opened) => client.setQueryData(sessionQuery.queryKey, opened),
    onError: () => undefined,
  });
  return (
    <Center component="main" mih="100dvh" p="md" bg="var(--app-canvas)">
      <Paper withBorder shadow="sm" p="xl" radius="lg" w="100%" maw={400}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            login.mutate();
          }}
        >
          <Stack gap="lg">
            <Stack gap={4} align="center">
              <Logo size={48} />
              <Title order={1} size="h3" mt="xs">
                Shopee Webhook
              </Title>
              <Text c="dimmed" size="sm">
                Sign in to your dashboard
              </Text>
            </Stack>
            <PasswordInput
              label="Password"
              autoComplete="current-password"
              autoFocus
              required
              withAsterisk={false}
              size="md"
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
              error={login.error?.message}
            />
            <Button type="submit" size="md" fullWidth loading={login.isPending}>
              Log in
            </Button>
            {session.passwordGenerated && (
              <Alert color="blue" title="Where is the password?">
                <Text size="sm">
                  It was generated at first start and logged once by the forwarder, in the line with{' '}
                  <Code>generatedPassword</Code>. Set <Code>DASHBOARD_PASSWORD</Code> to choose your own.
                </Text>
              </Alert>
            )}
          </Stack>
        </form>
      </Paper>
    </Center>
  );
}
