import { Text } from '@mantine/core';
import { modals } from '@mantine/modals';

/** Asks for confirmation of an action that cannot be undone, or that affects many items. */
export function confirm(options: {
  title: string;
  text: string;
  /** On the button. */
  action: string;
  danger?: boolean;
  onConfirm: () => void;
}): void {
  const { title, text, action, danger = false, onConfirm } = options;
  modals.openConfirmModal({
    title,
    centered: true,
    children: <Text size="sm">{text}</Text>,
    labels: { confirm: action, cancel: 'Cancel' },
    confirmProps: danger ? { color: 'red' } : {},
    closeButtonProps: { 'aria-label': 'Close' },
    onConfirm,
  });
}
