import { Fragment, useState } from 'react';
import { Alert, Anchor, Code, EmptyState, Paper, SimpleGrid, Stack, Table, Text } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { RejectedPush, RejectedPushList } from '@shopee-webhook/contracts/dashboard-api';
import { formatBytes, formatCount, formatPercent, formatTime, pluralize } from '../format/format.ts';
import { useLiveRefetch } from '../live/live-provider.tsx';
import { QueryBoundary } from '../parts/query-boundary.tsx';
import { DescriptionList } from '../parts/description-list.tsx';
import { Mono } from '../parts/mono.tsx';
import { Page } from '../layout/page.tsx';
import { useIsMobile } from '../parts/use-is-mobile.ts';
import { rejectedQuery } from '../api/queries.ts';

const reasons: Record<RejectedPush['reason'], string> = {
  'no-signature': 'No signature',
  'wrong-signature': 'Invalid signature',
  'not-a-push': 'Not a push',
  'too-large': 'Too large',
  unreadable: 'Unreadable',
};

/** Rejected pushes, and why. */
export function RejectedPage() {
  const query = useQuery({ ...rejectedQuery, refetchInterval: 5_000 });
  useLiveRefetch(
    (step) => step.step === 'rejected',
    () => query.refetch(),
  );
  return (
    <Page title="Rejected" about="Signed pushes that were rejected. Many mean that a key or the callback URL is wrong.">
      <QueryBoundary query={query}>
        {(list) => (
          <Stack gap="lg">
            <Summary list={list} />
            <Paper withBorder>
              {list.rejected.length === 0 ? (
                <EmptyState
                  py="xl"
                  icon={<IconShieldCheck />}
                  title="No rejected pushes"
                  description="Every push so far had a valid signature."
                />
              ) : (
                <RejectedTable rejected={list.rejected} />
              )}
            </Paper>
            {list.unsigned.total > 0 && (
              <Paper withBorder>
                <Text p="md" size="sm" c="dimmed">
                  {pluralize(list.unsigned.total, 'request')} without a signature: internet traffic, none of Shopee’s
                  pushes.
                </Text>
                <RejectedTable rejected={list.unsigned.last} />
              </Paper>
            )}
          </Stack>
        )}
      </QueryBoundary>
    </Page>
  );
}

function Summary({ list: { last6h, total } }: { list: RejectedPushList }) {
  const { successRate, pushes, accepted, rejected, slow } = last6h;
  const figures: [string, string][] = [
    ['Acceptance rate (6 h)', successRate === null ? '–' : formatPercent(successRate)],
    ['Accepted (6 h)', formatCount(accepted)],
    ['Signed, but rejected (6 h)', formatCount(rejected)],
    ['Slow responses (6 h)', formatCount(slow)],
    ['Rejected in total', formatCount(total)],
  ];
  return (
    <>
      {successRate !== null && successRate < 0.7 && (
        <Alert color={successRate < 0.3 ? 'red' : 'orange'} title="Shopee may stop pushing">
          {formatPercent(successRate)} of {formatCount(pushes)} pushes were accepted. Over 600 pushes, Shopee warns
          below 70% and suspends below 30%.
        </Alert>
      )}
      <SimpleGrid minColWidth={165} autoFlow="auto-fit">
        {figures.map(([label, value]) => (
          <Paper key={label} withBorder p="md">
            <Text size="xs" c="dimmed" fw={500}>
              {label}
            </Text>
            <Text fz={20} fw={650}>
              {value}
            </Text>
          </Paper>
        ))}
      </SimpleGrid>
    </>
  );
}

function RejectedTable({ rejected }: { rejected: readonly RejectedPush[] }) {
  const [opened, setOpened] = useState<number>();
  const isMobile = useIsMobile();
  return (
    <Table.ScrollContainer minWidth={isMobile ? 0 : 720} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table verticalSpacing={8} fz="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Time</Table.Th>
            <Table.Th>Reason</Table.Th>
            {!isMobile && (
              <>
                <Table.Th>From</Table.Th>
                <Table.Th>Status</Table.Th>
                <Table.Th ta="right">Size</Table.Th>
              </>
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rejected.map((item, index) => {
            const isOpen = opened === item.at;
            return (
              <Fragment key={`${String(item.at)} ${String(index)}`}>
                <Table.Tr>
                  <Table.Td style={{ whiteSpace: 'nowrap' }}>
                    <Mono>{formatTime(item.at)}</Mono>
                  </Table.Td>
                  <Table.Td>
                    <Anchor
                      component="button"
                      type="button"
                      size="sm"
                      c="inherit"
                      fw={500}
                      aria-expanded={isOpen}
                      onClick={() => setOpened(isOpen ? undefined : item.at)}
                    >
                      {reasons[item.reason]}
                    </Anchor>
                    {!isOpen && (
                      <Text size="xs" c="dimmed" lineClamp={isMobile ? 3 : 1}>
                        {item.detail}
                      </Text>
                    )}
                    {isMobile && (
                      <Text size="xs">
                        {item.from} · status {item.status} · {formatBodySize(item)}
                      </Text>
                    )}
                  </Table.Td>
                  {!isMobile && (
                    <>
                      <Table.Td>{item.from}</Table.Td>
                      <Table.Td>{item.status}</Table.Td>
                      <Table.Td ta="right">{formatBodySize(item)}</Table.Td>
                    </>
                  )}
                </Table.Tr>
                {isOpen && (
                  <Table.Tr>
                    <Table.Td colSpan={isMobile ? 2 : 5}>
                      <RejectedDetail item={item} />
                    </Table.Td>
                  </Table.Tr>
                )}
              </Fragment>
            );
          })}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** Whether the whole body was read. */
function isBodyKnown({ reason }: RejectedPush): boolean {
  return reason !== 'too-large' && reason !== 'unreadable';
}

function formatBodySize(item: RejectedPush): string {
  return isBodyKnown(item) ? formatBytes(item.bodyBytes) : '–';
}

function RejectedDetail({ item }: { item: RejectedPush }) {
  const isMobile = useIsMobile();
  return (
    <Stack gap="sm" py="xs">
      <DescriptionList
        labelWidth={isMobile ? 110 : 150}
        items={[
          [item.reason === 'wrong-signature' ? 'Signature' : 'Reason', item.detail],
          ['URLs tried', item.urlsTried.join('\n')],
          ['Keys tried', item.keysTried.join('\n')],
          ['Signature prefix', item.signaturePrefix === null ? null : <Mono key="s">{item.signaturePrefix}</Mono>],
          ['User agent', item.userAgent],
          ['SHA-256 of the body', isBodyKnown(item) ? <Mono key="h">{item.bodySha256}</Mono> : null],
        ]}
      />
      {item.bodyPrefix !== '' && (
        <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
          {item.bodyPrefix}
        </Code>
      )}
    </Stack>
  );
}
