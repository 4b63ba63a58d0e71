import type { WorkerSettings } from '@shopee-webhook/contracts/worker-rpc';
import { eventTypes } from '@shopee-webhook/shopee';
import type { RuntimeSettingName, RuntimeSettings, SettingChange } from '@shopee-webhook/store';
import { settingsSchema, type SettingSchema } from '../../settings/settings-schema.ts';
import type { SettingChangeItem, SettingItem } from '@shopee-webhook/contracts/dashboard-api';

export interface SettingsViewInputs {
  /** What was set for the forwarder, by name; secrets are ''. */
  environment: ReadonlyMap<string, string>;
  overrides: Readonly<RuntimeSettings>;
  /** Undefined while the worker is unreachable. */
  worker: WorkerSettings | undefined;
}

/** Every setting with what is in force, where that comes from, and how it is changed. */
export function toSettingItems(inputs: SettingsViewInputs): SettingItem[] {
  return settingsSchema.map((known) => {
    const configured = readConfigured(known, inputs);
    const { name, group, description, service, secret = false } = known;
    const changed = isRuntimeSetting(name) ? inputs.overrides[name] : undefined;
    const value = changed === undefined ? configured.value : toText(changed);
    return {
      name,
      group,
      description: description,
      service,
      secret,
      value: secret ? null : value,
      isSet: changed !== undefined || configured.isSet || (!secret && value !== null),
      source: changed !== undefined ? 'changed' : configured.fromEnv ? 'env' : 'default',
      baseValue: changed === undefined ? null : (configured.value ?? ''),
      edit: isRuntimeSetting(name) ? toEdit(name, value ?? '') : null,
    };
  });
}

export function toChangeItem({ name, from, to, by, at }: SettingChange): SettingChangeItem {
  const text = (value: unknown) => (value === undefined ? null : toText(value));
  return { name, from: text(from), to: text(to), by, at };
}

interface ConfiguredValue {
  value: string | null;
  isSet: boolean;
  fromEnv: boolean;
}

function readConfigured(
  { name, service, default: defaultValue, secret }: SettingSchema,
  { environment, worker }: SettingsViewInputs,
): ConfiguredValue {
  const ours = environment.get(name);
  if (service !== 'worker' && ours !== undefined)
    return { value: secret === true ? null : ours, isSet: true, fromEnv: true };
  const theirs = worker?.settings.find((setting) => setting.name === name);
  if (service === 'worker' && theirs !== undefined) return theirs;
  // Most often the worker has the same environment.
  if (ours !== undefined) return { value: secret === true ? null : ours, isSet: true, fromEnv: true };
  return { value: defaultValue === '' ? null : defaultValue, isSet: false, fromEnv: false };
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'];
const editable: readonly RuntimeSettingName[] = [
  'ORDER_EVENT_CODES',
  'TELEGRAM_MUTE',
  'TELEGRAM_DIGEST',
  'TELEGRAM_QUIET',
  'LOG_LEVEL',
];

/** Whether it is changed on the page of settings. */
export function isRuntimeSetting(name: string): name is RuntimeSettingName {
  return editable.some((one) => one === name);
}

function toEdit(name: RuntimeSettingName, value: string): SettingItem['edit'] {
  switch (name) {
    case 'ORDER_EVENT_CODES':
    case 'TELEGRAM_MUTE': {
      const codes = value.split(',').map((part) => part.trim());
      const choices = eventTypes.filter(({ code }) => code !== 0).map(({ code, title }) => ({ code, title }));
      return { kind: 'codes', value: codes.filter((part) => /^\d+$/.test(part)).map(Number), choices };
    }
    case 'LOG_LEVEL':
      return { kind: 'choice', value, choices: logLevels };
    case 'TELEGRAM_DIGEST':
      return { kind: 'text', value, hint: 'auto, off, minutes such as 15, or by code: auto,8=60,22=off' };
    case 'TELEGRAM_QUIET':
      return { kind: 'text', value, hint: '22:00-08:00, or with a zone: 22:00-08:00 Asia/Jakarta; empty = none' };
    case 'CONSUMERS_PAUSED':
      return null;
  }
}

function toText(value: unknown): string {
  if (Array.isArray(value)) return value.join(',');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
