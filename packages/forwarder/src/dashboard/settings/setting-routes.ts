import { HttpError, type HttpServer } from '@shopee-webhook/runtime';
import { z } from 'zod';
import type { RuntimeSettings } from '../../settings/runtime-settings.ts';
import { SettingList, SettingUpdate, TestResult, ConnectionTestTarget } from '@shopee-webhook/contracts/dashboard-api';
import { parseSetting } from './parse-setting.ts';
import { toChangeItem, isRuntimeSetting, toSettingItems } from './settings-view.ts';
import { testTelegram } from './telegram-test.ts';
import type { WorkerInfo } from '../workers/worker-info.ts';
import type { WorkerClient } from '../workers/worker-client.ts';

export interface SettingRoutesDeps {
  runtimeSettings: RuntimeSettings;
  /** What was set for the forwarder, by name; secrets are ''. */
  environment: ReadonlyMap<string, string>;
  workerInfo: WorkerInfo;
  workerClient: WorkerClient;
  /** Whether Redis, where changes are stored, is available. */
  isRedisAvailable: () => boolean;
}

const tags = ['dashboard'];
const who = 'dashboard';
const testTimeoutMs = 60_000;

/** Every setting, runtime changes, and connection tests. */
export async function settingRoutes(app: HttpServer, deps: SettingRoutesDeps): Promise<void> {
  const { runtimeSettings, workerClient } = deps;
  const response = { 200: SettingList };
  app.get('/settings', { schema: { tags, summary: 'Every setting', response } }, async () => settingList(deps));

  const change = {
    tags,
    summary: 'Change a setting',
    params: z.object({ name: z.string().max(50) }),
    body: SettingUpdate,
    response,
  };
  app.put('/settings/:name', { schema: change }, async ({ params: { name }, body, log }) => {
    if (!isRuntimeSetting(name))
      throw new HttpError(404, 'not_found', 'this setting can only be changed in the environment');
    const value = parseSetting(name, body);
    const hint = readOnlyHint(deps);
    if (runtimeSettings.settings === undefined || hint !== null)
      throw new HttpError(503, 'redis_unavailable', hint ?? '');
    await runtimeSettings.settings.set(name, value, who);
    await runtimeSettings.refresh();
    log.info({ setting: name }, 'setting changed');
    return settingList(deps);
  });

  const connectionTest = {
    tags,
    summary: 'Run a connection test',
    params: z.object({ target: ConnectionTestTarget }),
    response: { 200: TestResult },
  };
  app.post('/tests/:target', { schema: connectionTest }, async ({ params: { target } }) => {
    switch (target) {
      case 'telegram':
        return testTelegram(runtimeSettings.telegram);
      case 'sheet':
        return workerClient.call('test-sheet', {}, testTimeoutMs);
      case 'shopee':
        return workerClient.call('test-shopee', {}, testTimeoutMs);
    }
  });
}

async function settingList(parts: SettingRoutesDeps): Promise<SettingList> {
  const { runtimeSettings, environment, workerInfo } = parts;
  const readOnly = readOnlyHint(parts);
  const [worker, changes] = await Promise.all([
    workerInfo.settings(),
    readOnly === null ? runtimeSettings.settings?.listChanges(100) : [],
  ]);
  return {
    settings: toSettingItems({ environment, overrides: runtimeSettings.overrides, worker }),
    changes: (changes ?? []).map(toChangeItem),
    readOnly,
  };
}

function readOnlyHint({ runtimeSettings, isRedisAvailable }: SettingRoutesDeps): string | null {
  if (runtimeSettings.settings === undefined)
    return 'Without Redis (REDIS_ENABLED=false), settings can only be changed in the environment.';
  return isRedisAvailable() ? null : 'Redis, where changes are stored, is unavailable.';
}
