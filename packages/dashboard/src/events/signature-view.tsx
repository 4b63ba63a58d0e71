import { Alert, Code, DataList, Stack, Text } from '@mantine/core';
import { IconShieldCheck, IconShieldQuestion, IconShieldX } from '@tabler/icons-react';
import type { SignatureCheck } from '@shopee-webhook/contracts/dashboard-api';

const results = {
  match: { color: 'green', icon: IconShieldCheck, title: 'The signature is Shopee’s' },
  mismatch: { color: 'orange', icon: IconShieldX, title: 'No key we have now made this signature' },
  unknown: { color: 'gray', icon: IconShieldQuestion, title: 'Nothing was signed' },
} as const;

const meanings = {
  match: 'It is what the key below makes of the URL and the body, letter by letter.',
  mismatch: 'It was good when it came; the key has been changed since.',
  unknown: 'It did not come as a push (a reconcile found it, for example), or the push is no longer kept.',
} as const;

/** The raw check: what was signed, with which key, and what came of it. */
export function SignatureView({ signature }: { signature: SignatureCheck }) {
  const { color, icon: Sign, title } = results[signature.result];
  const facts: [string, string | null][] = [
    ['Signed URL', signature.url],
    ['Key', signature.keyName],
    ['Authorization', signature.signature],
    ['SHA-256 of the body', signature.bodySha256],
  ];
  return (
    <Stack gap="md">
      <Alert color={color} icon={<Sign />} title={title}>
        <Text size="sm">{meanings[signature.result]}</Text>
      </Alert>
      <DataList orientation="vertical" gap="sm">
        {facts.map(
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
