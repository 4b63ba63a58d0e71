import { useState } from 'react';
import { Badge, Button, Group, Paper, Stack, Text, TextInput, Title } from '@mantine/core';
import { IconChevronDown, IconChevronUp, IconSearch } from '@tabler/icons-react';
import type { SettingItem } from '@shopee-webhook/contracts/dashboard-api';
import { pluralize } from '../format/format.ts';
import { Mono } from '../parts/mono.tsx';
import { openSettingForm } from './setting-form.tsx';
import classes from './setting-groups.module.css';

const sourceLabels = {
  env: { color: 'gray', label: 'environment' },
  default: { color: 'gray', label: 'default' },
  changed: { color: 'blue', label: 'overridden' },
} as const;

/** The changeable settings, then those of the environment, folded; filtered by the search. */
export function SettingGroups({ settings, readOnly }: { settings: readonly SettingItem[]; readOnly: boolean }) {
  const [search, setSearch] = useState('');
  const needle = search.trim().toLowerCase();
  const found = settings.filter(({ name, description }) => `${name} ${description}`.toLowerCase().includes(needle));
  const [isExpanded, setExpanded] = useState(false);
  const editable = found.filter(({ edit }) => edit !== null);
  const others = found.filter(({ edit }) => edit === null);
  const isShown = isExpanded || needle !== '';
  return (
    <Stack gap="lg">
      <TextInput
        aria-label="Find a setting"
        placeholder="Find a setting"
        leftSection={<IconSearch size={16} />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
        maw={360}
      />
      {found.length === 0 && <Text c="dimmed">No setting matches.</Text>}
      {editable.length > 0 && <SettingGroup title="Changeable here" settings={editable} readOnly={readOnly} />}
      {others.length > 0 && needle === '' && (
        <Button
          variant="default"
          aria-expanded={isShown}
          onClick={() => setExpanded(!isExpanded)}
          rightSection={isShown ? <IconChevronUp size={16} /> : <IconChevronDown size={16} />}
          style={{ alignSelf: 'flex-start' }}
        >
          {isShown ? 'Hide' : 'Show'} {pluralize(others.length, 'setting')} of the environment
        </Button>
      )}
      {isShown &&
        [...Map.groupBy(others, ({ group }) => group)].map(([group, members]) => (
          <SettingGroup key={group} title={group} settings={members} readOnly={readOnly} />
        ))}
    </Stack>
  );
}

function SettingGroup(props: { title: string; settings: readonly SettingItem[]; readOnly: boolean }) {
  const { title, settings, readOnly } = props;
  return (
    <section aria-label={title}>
      <Title order={2} size="h5" mb="xs">
        {title}
      </Title>
      <Paper withBorder>
        {settings.map((setting) => (
          <Setting key={`${setting.service} ${setting.name}`} setting={setting} readOnly={readOnly} />
        ))}
      </Paper>
    </section>
  );
}

function Setting({ setting, readOnly }: { setting: SettingItem; readOnly: boolean }) {
  const { name, description, source, edit, service } = setting;
  const { color, label } = sourceLabels[source];
  return (
    <div className={classes['setting']}>
      <div>
        <Mono fw={600}>{name}</Mono>
        <Text size="sm" c="dimmed">
          {description}
        </Text>
      </div>
      <div>
        <Value setting={setting} />
        <Group gap={6} mt={4}>
          <Badge size="sm" variant={source === 'changed' ? 'dot' : 'default'} color={color} tt="none" fw={500}>
            {label}
          </Badge>
          {service !== 'both' && (
            <Badge size="sm" variant="default" tt="none" fw={500}>
              {service}
            </Badge>
          )}
        </Group>
      </div>
      <div className={classes['edit']}>
        {edit !== null && (
          <Button
            size="xs"
            variant="default"
            disabled={readOnly}
            onClick={() => openSettingForm(setting)}
            aria-label={`Change ${name}`}
          >
            Change
          </Button>
        )}
      </div>
    </div>
  );
}

function Value({ setting: { secret, isSet, value } }: { setting: SettingItem }) {
  if (secret) return <Text size="sm">{isSet ? 'set' : 'not set'}</Text>;
  if (value === null || value === '') {
    return (
      <Text size="sm" c="dimmed">
        not set
      </Text>
    );
  }
  return (
    <Mono fz="sm" style={{ overflowWrap: 'anywhere' }}>
      {value}
    </Mono>
  );
}
