import type { ReactNode } from 'react';
import { DataList } from '@mantine/core';

/** Labels and values; null and empty values are left out. */
export function DescriptionList({
  items,
  labelWidth = 130,
}: {
  items: readonly [string, ReactNode][];
  labelWidth?: number;
}) {
  const shown = items.filter(([, value]) => value !== null && value !== undefined && value !== '');
  return (
    <DataList gap={6} labelWidth={labelWidth}>
      {shown.map(([label, value]) => (
        <DataList.Item key={label}>
          <DataList.ItemLabel>{label}</DataList.ItemLabel>
          <DataList.ItemValue style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-line' }}>{value}</DataList.ItemValue>
        </DataList.Item>
      ))}
    </DataList>
  );
}
