import { useMemo } from 'react';
import { ActionIcon, Box, Code, CopyButton, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { jsonTokens } from './json-tokens.ts';
import classes from './json-view.module.css';

/** JSON to read and to copy, letter by letter as it was sent. */
export function JsonView({ text, label }: { text: string; label: string }) {
  const tokens = useMemo(() => jsonTokens(text), [text]);
  return (
    <Box pos="relative">
      <Code block tabIndex={0} role="region" aria-label={label} className={classes['view']}>
        {tokens.map((token, index) => (
          <span key={index} className={classes[token.kind]}>
            {token.text}
          </span>
        ))}
      </Code>
      <Box pos="absolute" top={8} right={8}>
        <CopySign value={text} label={`Copy ${label}`} />
      </Box>
    </Box>
  );
}

export function CopySign({ value, label = 'Copy' }: { value: string; label?: string }) {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : label}>
          <ActionIcon variant="subtle" color="gray" size="sm" onClick={copy} aria-label={label}>
            {copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}
