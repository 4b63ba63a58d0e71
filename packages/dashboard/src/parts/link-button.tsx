import { Button } from '@mantine/core';
import type { Icon } from '@tabler/icons-react';

/** A link out of the dashboard, in a new tab. */
export function LinkButton({ href, label, icon: LinkIcon }: { href: string; label: string; icon: Icon }) {
  return (
    <Button
      size="xs"
      px={8}
      variant="default"
      component="a"
      href={href}
      target="_blank"
      rel="noreferrer"
      leftSection={<LinkIcon size={14} />}
    >
      {label}
    </Button>
  );
}
