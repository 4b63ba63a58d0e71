import { Alert, Code, DataList, Stack, Text } from '@mantine/core';
import { IconShieldCheck, IconShieldQuestion, IconShieldX } from '@tabler/icons-react';
import type { SignatureCheck } from '@shopee-webhook/contracts/dashboard-api';

const results = {
  match: { color: 'green', icon: IconShieldCheck, title: 'Valid signature' },
  mismatch: { color: 'orange', icon: IconShieldX, title: 'Signed with a key that is no longer configured' },
  unknown: { color: 'gray', icon: IconShieldQuestion, title: 'Not signed' },
} as const;

const meanings = {
  match: 'The key below produces exactly this signature for the URL and the body.',
  mismatch: 'It was valid on arrival; the key has been changed since.',
  unknown: 'This event did not arrive as a push (for example, a reconciliation found it), or the push has expired.',
} as const;

/** The raw check: what was signed, with which key, and the result. */
export function SignatureView({ signature }: { signature: SignatureCheck }) {
  const { color, icon: ResultIcon, title } = results[signature.result];
  const items: [string, string | null][] = [
    ['Signed URL', signature.url],
    ['Key', signature.keyName],
    ['Authorization', signature.signature],
    ['SHA-256 of the body', signature.bodySha256],
  ];
  return (
    <Stack gap="md">
      <Alert color={color} icon={<ResultIcon />} title={title}>
        <Text size="sm">{meanings[signature.result]}</Text>
      </Alert>
      <DataList orientation="vertical" gap="sm">
        {items.map(
          ([label, value]) =>
            value !== null && (
              <DataList.Item key={label}>
                <DataList.ItemLabel>{label}</DataList.ItemLabel>
                <DataList.ItemValue>
                  <Code style={{ overflowWrap: 'anywhere' }}>{value}</Code>
                </DataList.ItemValue>
              </DataList.Item>
            ),
        )}
      </DataList>
    </Stack>
  );
}
