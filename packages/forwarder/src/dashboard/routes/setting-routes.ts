import { HttpError, type HttpServer } from '@shopee-webhook/runtime';
import { z } from 'zod';
import type { LiveSettings } from '../../live-settings.ts';
import { SettingList, SettingUpdate, TestResult, TestSide } from '../api-types.ts';
import { settingValue } from '../setting-value.ts';
import { changeItemOf, isLive, settingItems } from '../shown-settings.ts';
import { testTelegram } from '../telegram-test.ts';
import type { WorkerFacts } from '../worker-facts.ts';
import type { WorkerLink } from '../worker-link.ts';

export interface SettingRoutesParts {
  liveSettings: LiveSettings;
  /** What was set for the forwarder, by name; secrets are ''. */
  shown: ReadonlyMap<string, string>;
  workerFacts: WorkerFacts;
  link: WorkerLink;
  /** Whether Redis, where changes are kept, can be used now. */
  isUsable: () => boolean;
}

const tags = ['dashboard'];
const who = 'dashboard';
const testMs = 60_000;

/** Every setting, the change of some, and the tests of the sides that they are about. */
export async function settingRoutes(app: HttpServer, parts: SettingRoutesParts): Promise<void> {
  const { liveSettings, link } = parts;
  const response = { 200: SettingList };
  app.get('/settings', { schema: { tags, summary: 'Every setting', response } }, async () => settingList(parts));

  const change = {
    tags,
    summary: 'Change a setting',
    params: z.object({ name: z.string().max(50) }),
    body: SettingUpdate,
    response,
  };
  app.put('/settings/:name', { schema: change }, async ({ params: { name }, body, log }) => {
    if (!isLive(name)) throw new HttpError(404, 'not_found', 'it is changed in the environment only');
    const value = settingValue(name, body);
    const hint = readOnlyHint(parts);
    if (liveSettings.settings === undefined || hint !== null) throw new HttpError(503, 'redis_away', hint ?? '');
    await liveSettings.settings.set(name, value, who);
    await liveSettings.look();
    log.info({ setting: name }, 'setting changed');
    return settingList(parts);
  });

  const trial = {
    tags,
    summary: 'Try one of the other sides',
    params: z.object({ side: TestSide }),
    response: { 200: TestResult },
  };
  app.post('/tests/:side', { schema: trial }, async ({ params: { side } }) => {
    switch (side) {
      case 'telegram':
        return testTelegram(liveSettings.telegram);
      case 'sheet':
        return link.ask('test-sheet', {}, testMs);
      case 'shopee':
        return link.ask('test-shopee', {}, testMs);
    }
  });
}

async function settingList(parts: SettingRoutesParts): Promise<SettingList> {
  const { liveSettings, shown, workerFacts } = parts;
  const readOnly = readOnlyHint(parts);
  const [worker, changes] = await Promise.all([
    workerFacts.settings(),
    readOnly === null ? liveSettings.settings?.changes(100) : [],
  ]);
  return {
    settings: settingItems({ shown, changed: liveSettings.changed, worker }),
    changes: (changes ?? []).map(changeItemOf),
    readOnly,
  };
}

function readOnlyHint({ liveSettings, isUsable }: SettingRoutesParts): string | null {
  if (liveSettings.settings === undefined)
    return 'Without Redis (REDIS_ENABLED=false) settings are changed in the environment.';
  return isUsable() ? null : 'Redis, where changes are kept, cannot be used now.';
}
