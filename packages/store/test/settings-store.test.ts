import { randomUUID } from 'node:crypto';
import { afterAll, expect, inject, it } from 'vitest';
import { connectRedis, buildKeys, SettingsStore } from '../src/index.ts';

const redis = connectRedis({ host: '127.0.0.1', port: inject('redisPort') });
afterAll(() => redis.disconnect());

const newSettings = () => new SettingsStore({ redis, keys: buildKeys(`t${randomUUID()}`) });

it('stores settings, with who changed them from what to what', async () => {
  const settings = newSettings();
  expect(await settings.get('quiet')).toBeUndefined();
  await settings.set('quiet', { from: '22:00', big: 1 }, 'Ann "the" owner');
  await settings.set('quiet', false, 'Ben');
  await settings.set('digest', 20, 'Ben');
  await settings.set('quiet', undefined, 'Ann');
  expect(await settings.getAll()).toEqual({ digest: 20 });
  expect(await settings.listChanges(3)).toMatchObject([
    { name: 'quiet', from: false, by: 'Ann' },
    { name: 'digest', to: 20, by: 'Ben' },
    { name: 'quiet', from: { from: '22:00', big: 1 }, to: false, by: 'Ben' },
  ]);
  expect(await settings.listChanges()).toHaveLength(4);
});
