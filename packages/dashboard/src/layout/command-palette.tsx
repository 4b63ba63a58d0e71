import { useState } from 'react';
import { Kbd, Modal, NavLink, Stack, Table, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useLocation } from 'wouter';
import { maxSearchLength } from '../parts/max-search-length.ts';
import { usePageHotkeys } from '../parts/use-page-hotkeys.ts';

interface Command {
  label: string;
  href: string;
}

const pages: readonly Command[] = [
  { label: 'Overview', href: '/' },
  { label: 'Events', href: '/events' },
  { label: 'Orders', href: '/orders' },
  { label: 'Dead letters', href: '/dead-letters' },
  { label: 'Rejected', href: '/rejected' },
  { label: 'Shops', href: '/shops' },
  { label: 'Jobs', href: '/jobs' },
  { label: 'Workers', href: '/workers' },
  { label: 'Configuration', href: '/configuration' },
  { label: 'Connection tests', href: '/configuration?tab=tests' },
  { label: 'Set up', href: '/setup' },
];

const hotkeys: readonly (readonly [keys: string, action: string])[] = [
  ['Ctrl K', 'Go to a page or an order'],
  ['?', 'Show the keyboard shortcuts'],
  ['/', 'Search events'],
  ['j', 'Next event'],
  ['k', 'Previous event'],
  ['r', 'Reprocess the event'],
  ['Esc', 'Close the event'],
];

/** Ctrl or Cmd + K jumps to a page or an order, `?` lists the keyboard shortcuts. */
export function CommandPalette() {
  const [isOpen, palette] = useDisclosure(false);
  const [isHelpOpen, help] = useDisclosure(false);
  usePageHotkeys([
    ['mod+k', palette.open],
    ['shift+?', help.open],
    ['?', help.open],
  ]);
  return (
    <>
      <Modal opened={isOpen} onClose={palette.close} title="Go to" closeButtonProps={{ 'aria-label': 'Close' }}>
        <CommandList onDone={palette.close} />
      </Modal>
      <Modal
        opened={isHelpOpen}
        onClose={help.close}
        title="Keyboard shortcuts"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Table>
          <Table.Tbody>
            {hotkeys.map(([keys, action]) => (
              <Table.Tr key={keys}>
                <Table.Td w={100}>
                  <Kbd>{keys}</Kbd>
                </Table.Td>
                <Table.Td>{action}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Modal>
    </>
  );
}

function CommandList({ onDone }: { onDone: () => void }) {
  const [text, setText] = useState('');
  const [selected, setSelected] = useState(0);
  const [, navigate] = useLocation();
  const commands = matching(text.trim());
  const run = (command: Command | undefined): void => {
    if (command === undefined) return;
    onDone();
    navigate(command.href);
  };
  const move = (by: number): void => setSelected((selected + by + commands.length) % Math.max(1, commands.length));
  return (
    <Stack gap="xs">
      <TextInput
        aria-label="Page or order number"
        placeholder="Page or order number"
        data-autofocus
        leftSection={<IconSearch size={16} />}
        value={text}
        maxLength={maxSearchLength}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setSelected(0);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') run(commands[selected]);
          else if (event.key === 'ArrowDown') move(1);
          else if (event.key === 'ArrowUp') move(-1);
          else return;
          event.preventDefault();
        }}
      />
      <div>
        {commands.map((command, index) => (
          <NavLink
            key={command.href}
            component="button"
            label={command.label}
            active={index === selected}
            onClick={() => run(command)}
          />
        ))}
      </div>
    </Stack>
  );
}

/** Pages by name; whatever has a digit may also be an order number. */
function matching(text: string): readonly Command[] {
  const found = pages.filter(({ label }) => label.toLowerCase().includes(text.toLowerCase()));
  if (!/\d/.test(text)) return found;
  const id = encodeURIComponent(text);
  return [
    ...found,
    { label: `Open order ${text}`, href: `/orders/${id}` },
    { label: `Search events for ${text}`, href: `/events?search=${id}` },
  ];
}
