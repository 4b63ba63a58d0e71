import { Text, type TextProps } from '@mantine/core';

/** Ids and order numbers in a monospaced font. */
export function Mono({ children, ...text }: { children: string; title?: string } & TextProps) {
  return (
    <Text span ff="monospace" fz="0.92em" {...text}>
      {children}
    </Text>
  );
}
