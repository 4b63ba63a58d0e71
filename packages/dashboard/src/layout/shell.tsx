import { Fragment, useEffect, type ReactNode } from 'react';
import { ActionIcon, AppShell, Badge, Burger, Group, NavLink, ScrollArea, Stack, Text, Tooltip } from '@mantine/core';
import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  IconActivity,
  IconBuildingStore,
  IconCalendarRepeat,
  IconCoins,
  IconCpu,
  IconExternalLink,
  IconListDetails,
  IconLogout,
  IconMailX,
  IconMoon,
  IconReceipt2,
  IconRocket,
  IconSettings,
  IconShieldX,
  IconSun,
  IconTable,
  type Icon,
} from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Session } from '@shopee-webhook/contracts/dashboard-api';
import { Link, useLocation } from 'wouter';
import { send } from '../api/client.ts';
import { formatShortCount } from '../format/format.ts';
import { LiveIndicator, StaleBanner } from '../live/live-indicator.tsx';
import { CommandPalette } from './command-palette.tsx';
import { Logo } from './logo.tsx';
import { StatusStrip, useZone } from './status-strip.tsx';
import { overviewQuery, sessionQuery, shopsQuery } from '../api/queries.ts';

/** The frame around every page: navigation (behind a button on phones), the page, and connection problems. */
export function Shell({ children }: { children: ReactNode }) {
  const [opened, { toggle, close }] = useDisclosure(false);
  const [location] = useLocation();
  const { name, isReady } = useZone();
  useEffect(close, [location, close]);
  return (
    <AppShell
      layout="alt"
      header={{ height: { base: 56, sm: 0 } }}
      navbar={{ width: 232, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding={{ base: 'md', md: 'xl' }}
      bg="var(--app-canvas)"
    >
      <AppShell.Header hiddenFrom="sm">
        <Group h="100%" px="md" gap="sm">
          <Burger opened={opened} onClick={toggle} size="sm" aria-label="Navigation" />
          <Brand />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="md" aria-label="Pages">
        <Group mb="lg" justify="space-between">
          <Brand />
          <Burger hiddenFrom="sm" opened={opened} onClick={toggle} size="sm" aria-label="Close navigation" />
        </Group>
        <ScrollArea flex={1} mx="-xs" px="xs">
          <Navigation />
        </ScrollArea>
        <StatusStrip />
        <Footer />
      </AppShell.Navbar>
      <AppShell.Main>
        <StaleBanner />
        {/* Every time on the page changes with the zone. */}
        {isReady && <Fragment key={name}>{children}</Fragment>}
        <CommandPalette />
      </AppShell.Main>
    </AppShell>
  );
}

function Brand() {
  return (
    <Group gap="xs" wrap="nowrap">
      <Logo size={28} />
      <Text fw={700} lh={1}>
        Shopee Webhook
      </Text>
    </Group>
  );
}

function Navigation() {
  const { data } = useQuery(overviewQuery);
  return (
    <Stack gap={2}>
      {data?.setupDone === false && <PageLink href="/setup" icon={IconRocket} label="Set up" />}
      <PageLink href="/" icon={IconActivity} label="Overview" />
      <PageLink href="/events" icon={IconListDetails} label="Events" />
      <PageLink href="/orders" icon={IconReceipt2} label="Orders" />
      <PageLink href="/money" icon={IconCoins} label="Money" />
      <PageLink href="/dead-letters" icon={IconMailX} label="Dead letters" count={data?.deadLetters} />
      <PageLink href="/rejected" icon={IconShieldX} label="Rejected" />
      <Text size="xs" fw={600} c="dimmed" mt="md" mb={4} px="sm">
        Operations
      </Text>
      <PageLink href="/shops" icon={IconBuildingStore} label="Shops" />
      <PageLink href="/jobs" icon={IconCalendarRepeat} label="Jobs" />
      <PageLink href="/workers" icon={IconCpu} label="Workers" />
      <PageLink href="/configuration" icon={IconSettings} label="Configuration" />
      <SheetLink />
    </Stack>
  );
}

/** The spreadsheet; the shops' page when there are several. */
function SheetLink() {
  // Asked for once in a while only: the page of the shops keeps it fresh while it is open.
  const { data } = useQuery({ ...shopsQuery, refetchInterval: false, staleTime: 300_000 });
  const urls = new Set(data?.shops.flatMap(({ spreadsheetUrl }) => spreadsheetUrl ?? []));
  const [url] = urls;
  if (url === undefined || urls.size > 1) return null;
  return (
    <NavLink
      component="a"
      href={url}
      target="_blank"
      rel="noreferrer"
      label="Open the sheet"
      leftSection={<IconTable size={18} stroke={1.7} />}
      rightSection={<IconExternalLink size={14} />}
    />
  );
}

function PageLink({
  href,
  icon: PageIcon,
  label,
  count,
}: {
  href: string;
  icon: Icon;
  label: string;
  /** Null: unknown. */
  count?: number | null | undefined;
}) {
  const [location] = useLocation();
  const active = href === '/' ? location === '/' : location === href || location.startsWith(`${href}/`);
  return (
    <NavLink
      component={Link}
      href={href}
      label={label}
      active={active}
      {...(active ? { 'aria-current': 'page' as const } : {})}
      leftSection={<PageIcon size={18} stroke={1.7} />}
      rightSection={
        count !== undefined &&
        count !== 0 && (
          <Badge size="sm" color={count === null ? 'gray' : 'red.8'} variant={count === null ? 'default' : 'filled'}>
            {count === null ? '–' : formatShortCount(count)}
          </Badge>
        )
      }
    />
  );
}

function Footer() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  const client = useQueryClient();
  const logout = useMutation({
    mutationFn: () => send<Session>('/logout'),
    onSuccess: (session) => {
      client.setQueryData(sessionQuery.queryKey, session);
      // The next user must not see cached data.
      client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionQuery.queryKey[0] });
    },
  });
  const other = scheme === 'dark' ? 'light' : 'dark';
  return (
    <Group justify="space-between" pt="sm" wrap="nowrap">
      <LiveIndicator />
      <Group gap={4} wrap="nowrap">
        <Tooltip label={`Use ${other} colors`}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            onClick={() => setColorScheme(other)}
            aria-label={`Use ${other} colors`}
          >
            {scheme === 'dark' ? <IconSun size={18} /> : <IconMoon size={18} />}
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Log out">
          <ActionIcon variant="subtle" color="gray" size="lg" onClick={() => logout.mutate()} aria-label="Log out">
            <IconLogout size={18} />
          </ActionIcon>
        </Tooltip>
      </Group>
    </Group>
  );
}
