import type { ReactNode } from 'react';
import { DataList } from '@mantine/core';

/** Names and values; what is null or empty is left out. */
export function DescriptionList({
  facts,
  labelWidth = 130,
}: {
  facts: readonly [string, ReactNode][];
  labelWidth?: number;
}) {
  const known = facts.filter(([, value]) => value !== null && value !== undefined && value !== '');
  return (
    <DataList gap={6} labelWidth={labelWidth}>
      {known.map(([label, value]) => (
        <DataList.Item key={label}>
          <DataList.ItemLabel>{label}</DataList.ItemLabel>
          <DataList.ItemValue style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-line' }}>{value}</DataList.ItemValue>
        </DataList.Item>
      ))}
    </DataList>
  );
}
