import { expect, test } from 'vitest';
import { visibleEnvironment } from '../../settings/settings-schema.ts';
import { toSettingItems, type SettingsViewInputs } from './settings-view.ts';

const inputs: SettingsViewInputs = {
  environment: visibleEnvironment({ PARTNER_KEY: 'secret', TELEGRAM_MUTE: '8', SPREADSHEET_ID: 'ours', LOG_LEVEL: '' }),
  overrides: {},
  worker: {
    settings: [{ name: 'SPREADSHEET_ID', value: 'theirs', isSet: true, fromEnv: true }],
    serviceAccount: 'a@b.example',
    spreadsheets: [],
  },
};

function item(name: string, given: Partial<SettingsViewInputs> = {}) {
  return toSettingItems({ ...inputs, ...given }).find((setting) => setting.name === name);
}

test('a secret is shown as set, never as what it is', () => {
  expect(item('PARTNER_KEY')).toMatchObject({ value: null, isSet: true, source: 'env', secret: true });
  expect(item('TELEGRAM_BOT_TOKEN')).toMatchObject({ value: null, isSet: false, source: 'default' });
});

test('what was changed here is shown with what would hold otherwise', () => {
  expect(item('TELEGRAM_MUTE', { overrides: { TELEGRAM_MUTE: [22, 8] } })).toMatchObject({
    value: '22,8',
    source: 'changed',
    baseValue: '8',
    edit: { kind: 'codes', value: [22, 8] },
  });
  expect(item('TELEGRAM_MUTE')).toMatchObject({ value: '8', source: 'env', baseValue: null });
});

test("the worker's settings are its own, and the environment's while it is unavailable", () => {
  expect(item('SPREADSHEET_ID')).toMatchObject({ value: 'theirs' });
  expect(item('SPREADSHEET_ID', { worker: undefined })).toMatchObject({ value: 'ours', source: 'env' });
  expect(item('REDIS_NUM_WORKERS', { worker: undefined })).toMatchObject({ value: '3', source: 'default' });
});

test('an empty variable is not set', () => {
  expect(item('LOG_LEVEL')).toMatchObject({
    value: 'info',
    source: 'default',
    edit: { kind: 'choice', value: 'info' },
  });
});
