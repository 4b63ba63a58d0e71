import { Fragment, useState } from 'react';
import { Alert, Anchor, Code, EmptyState, Paper, SimpleGrid, Stack, Table, Text } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { RefusedItem, RefusedList } from '@shopee-webhook/forwarder/api-types';
import { bytesOf, countOf, percentOf, timeOf } from '../format.ts';
import { useLiveRefetch } from '../live.tsx';
import { Answer } from '../parts/answer.tsx';
import { Facts } from '../parts/facts.tsx';
import { Mono } from '../parts/mono.tsx';
import { Page } from '../parts/page.tsx';
import { usePhone } from '../parts/use-phone.ts';
import { refusedQuery } from '../queries.ts';

const reasons: Record<RefusedItem['reason'], string> = {
  'no-signature': 'No signature',
  'wrong-signature': 'Wrong signature',
  'not-a-push': 'Not a push',
  'too-large': 'Too large',
  unreadable: 'Unreadable',
};

/** What was turned away, and what would have let it in. */
export function RefusedPage() {
  const query = useQuery({ ...refusedQuery, refetchInterval: 5_000 });
  useLiveRefetch(
    (step) => step.step === 'refused',
    () => query.refetch(),
  );
  return (
    <Page
      title="Refused"
      about="Pushes that were turned away. A few are strangers knocking; many mean that a key or the callback URL is wrong."
    >
      <Answer query={query}>
        {(list) => (
          <Stack gap="lg">
            <Summary list={list} />
            <Paper withBorder>
              {list.refused.length === 0 ? (
                <EmptyState
                  py="xl"
                  icon={<IconShieldCheck />}
                  title="Nothing was refused"
                  description="Every push so far had Shopee’s signature."
                />
              ) : (
                <RefusedTable refused={list.refused} />
              )}
            </Paper>
          </Stack>
        )}
      </Answer>
    </Page>
  );
}

function Summary({ list: { last6h, total } }: { list: RefusedList }) {
  const { successRate, pushes, accepted, refused, slow } = last6h;
  const figures: [string, string][] = [
    ['Accepted in the last 6 hours', successRate === null ? '–' : percentOf(successRate)],
    ['Accepted (6 h)', countOf(accepted)],
    ['Signed, but refused (6 h)', countOf(refused)],
    ['Answered too late (6 h)', countOf(slow)],
    ['Refused ever, signed or not', countOf(total)],
  ];
  return (
    <>
      {successRate !== null && successRate < 0.7 && (
        <Alert color={successRate < 0.3 ? 'red' : 'orange'} title="Shopee may stop pushing">
          {percentOf(successRate)} of {countOf(pushes)} pushes were accepted. Over 600 pushes, Shopee warns below 70%
          and suspends below 30%.
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

function RefusedTable({ refused }: { refused: readonly RefusedItem[] }) {
  const [opened, setOpened] = useState<number>();
  const isPhone = usePhone();
  return (
    <Table.ScrollContainer minWidth={isPhone ? 0 : 720} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table verticalSpacing={8} fz="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Time</Table.Th>
            <Table.Th>Reason</Table.Th>
            {!isPhone && (
              <>
                <Table.Th>From</Table.Th>
                <Table.Th>Answer</Table.Th>
                <Table.Th ta="right">Size</Table.Th>
              </>
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {refused.map((item, index) => {
            const isOpen = opened === item.at;
            return (
              <Fragment key={`${String(item.at)} ${String(index)}`}>
                <Table.Tr>
                  <Table.Td style={{ whiteSpace: 'nowrap' }}>
                    <Mono>{timeOf(item.at)}</Mono>
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
                      <Text size="xs" c="dimmed" lineClamp={isPhone ? 3 : 1}>
                        {item.detail}
                      </Text>
                    )}
                    {isPhone && (
                      <Text size="xs">
                        {item.from} · answered {item.status} · {sizeOf(item)}
                      </Text>
                    )}
                  </Table.Td>
                  {!isPhone && (
                    <>
                      <Table.Td>{item.from}</Table.Td>
                      <Table.Td>{item.status}</Table.Td>
                      <Table.Td ta="right">{sizeOf(item)}</Table.Td>
                    </>
                  )}
                </Table.Tr>
                {isOpen && (
                  <Table.Tr>
                    <Table.Td colSpan={isPhone ? 2 : 5}>
                      <RefusedDetail item={item} />
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

/** Whether its body came in whole; else nothing of it is known. */
function isRead({ reason }: RefusedItem): boolean {
  return reason !== 'too-large' && reason !== 'unreadable';
}

function sizeOf(item: RefusedItem): string {
  return isRead(item) ? bytesOf(item.bodyBytes) : '–';
}

function RefusedDetail({ item }: { item: RefusedItem }) {
  const isPhone = usePhone();
  return (
    <Stack gap="sm" py="xs">
      <Facts
        labelWidth={isPhone ? 110 : 150}
        facts={[
          [item.reason === 'wrong-signature' ? 'The signature' : 'Why', item.detail],
          ['URLs tried', item.urlsTried.join('\n')],
          ['Keys tried', item.keysTried.join('\n')],
          ['Signature begins', item.signatureStart === null ? null : <Mono key="s">{item.signatureStart}</Mono>],
          ['User agent', item.userAgent],
          ['SHA-256 of the body', isRead(item) ? <Mono key="h">{item.bodySha256}</Mono> : null],
        ]}
      />
      {item.bodyStart !== '' && (
        <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
          {item.bodyStart}
        </Code>
      )}
    </Stack>
  );
}
