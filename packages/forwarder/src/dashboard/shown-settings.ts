import type { WorkerSettings } from '@shopee-webhook/runtime';
import { eventCodes } from '@shopee-webhook/shopee';
import type { LiveSettingName, LiveSettings, SettingChange } from '@shopee-webhook/store';
import { settingsCatalogue, type KnownSetting } from '../settings-catalogue.ts';
import type { SettingChangeItem, SettingItem } from './api-types.ts';

export interface SettingFacts {
  /** What was set for the forwarder, by name; secrets are ''. */
  shown: ReadonlyMap<string, string>;
  changed: Readonly<LiveSettings>;
  /** Undefined while the worker cannot be asked. */
  worker: WorkerSettings | undefined;
}

/** Every setting with what is in force, where that comes from, and how it is changed. */
export function settingItems(facts: SettingFacts): SettingItem[] {
  return settingsCatalogue.map((known) => {
    const given = givenOf(known, facts);
    const { name, group, meaning, service, secret = false } = known;
    const changed = isLive(name) ? facts.changed[name] : undefined;
    const value = changed === undefined ? given.value : textOf(changed);
    return {
      name,
      group,
      meaning,
      service,
      secret,
      value: secret ? null : value,
      isSet: changed !== undefined || given.isSet || (!secret && value !== null),
      source: changed !== undefined ? 'changed' : given.fromEnv ? 'env' : 'default',
      otherwise: changed === undefined ? null : (given.value ?? ''),
      edit: isLive(name) ? editOf(name, value ?? '') : null,
    };
  });
}

export function changeItemOf({ name, from, to, by, at }: SettingChange): SettingChangeItem {
  const text = (value: unknown) => (value === undefined ? null : textOf(value));
  return { name, from: text(from), to: text(to), by, at };
}

interface Given {
  value: string | null;
  isSet: boolean;
  fromEnv: boolean;
}

function givenOf({ name, service, fallback, secret }: KnownSetting, { shown, worker }: SettingFacts): Given {
  const ours = shown.get(name);
  if (service !== 'worker' && ours !== undefined)
    return { value: secret === true ? null : ours, isSet: true, fromEnv: true };
  const theirs = worker?.settings.find((setting) => setting.name === name);
  if (service === 'worker' && theirs !== undefined) return theirs;
  // A worker that cannot be asked most often reads the same environment.
  if (ours !== undefined) return { value: secret === true ? null : ours, isSet: true, fromEnv: true };
  return { value: fallback === '' ? null : fallback, isSet: false, fromEnv: false };
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'];
const editable: readonly LiveSettingName[] = [
  'ORDER_EVENT_CODES',
  'TELEGRAM_MUTE',
  'TELEGRAM_DIGEST',
  'TELEGRAM_QUIET',
  'LOG_LEVEL',
];

/** Whether it is changed on the page of settings. */
export function isLive(name: string): name is LiveSettingName {
  return editable.some((one) => one === name);
}

function editOf(name: LiveSettingName, value: string): SettingItem['edit'] {
  switch (name) {
    case 'ORDER_EVENT_CODES':
    case 'TELEGRAM_MUTE': {
      const codes = value.split(',').map((part) => part.trim());
      const choices = eventCodes.filter(({ code }) => code !== 0).map(({ code, title }) => ({ code, title }));
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

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.join(',');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
