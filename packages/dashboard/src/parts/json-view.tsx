import { useMemo } from 'react';
import { Box, Code } from '@mantine/core';
import { CopyButton } from './copy-button.tsx';
import { jsonTokens } from './json-tokens.ts';
import classes from './json-view.module.css';

/** JSON to read and to copy, byte for byte as it was sent. */
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
        <CopyButton value={text} label={`Copy ${label}`} />
      </Box>
    </Box>
  );
}
