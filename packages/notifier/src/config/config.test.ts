import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { getDigestMode, telegramEnv } from '@shopee-webhook/runtime';
import { toTelegramConfig } from './config.ts';

const bot = { TELEGRAM_BOT_TOKEN: '123:abc', TELEGRAM_CHAT_ID: '-1001' };
const read = (env: Record<string, string>) => toTelegramConfig(z.object(telegramEnv).parse(env));

describe('toTelegramConfig', () => {
  it('means no alerts without a bot or a chat', () => {
    expect(read({})).toBeUndefined();
    expect(read({ TELEGRAM_BOT_TOKEN: '123:abc' })).toBeUndefined();
  });

  it('reads every variable', () => {
    const config = read({
      ...bot,
      TELEGRAM_API_URL: 'http://127.0.0.1:1/',
      TELEGRAM_DIGEST: 'auto,8=30,3=off',
      TELEGRAM_MODE: 'edit',
      TELEGRAM_COMMANDS: 'true',
      TELEGRAM_QUIET: '22:00-08:00',
      TELEGRAM_MUTE: '8, 9',
      TELEGRAM_SHOP_CHATS: '700000001=-1002,700000002=@shop',
      TELEGRAM_SHOW_BUYER: 'full',
      SHIP_WARN_HOURS: '6',
    });
    expect(config).toMatchObject({ apiUrl: 'http://127.0.0.1:1', mode: 'edit', commands: true, showBuyer: 'full' });
    expect(config?.quiet).toMatchObject({ from: 22 * 60, to: 8 * 60 });
    expect([...(config?.mute ?? [])]).toEqual([8, 9]);
    expect(config?.shopChats.get('700000002')).toBe('@shop');
    const modes = [3, 8, 4].map((code) => config && getDigestMode(config.digest, code));
    expect(modes).toEqual(['off', 30, 'auto']);
  });

  it.each([
    ['TELEGRAM_BOT_TOKEN', 'abc'],
    ['TELEGRAM_CHAT_ID', 'group'],
    ['TELEGRAM_DIGEST', 'often'],
    ['TELEGRAM_MODE', 'both'],
    ['TELEGRAM_QUIET', 'at night'],
    ['TELEGRAM_MUTE', 'all'],
    ['TELEGRAM_SHOP_CHATS', '800000001'],
    ['TELEGRAM_SHOW_BUYER', 'yes'],
  ])('rejects a wrong %s without printing it', (name, value) => {
    const { error } = z.object(telegramEnv).safeParse({ ...bot, [name]: value });
    expect(error?.issues.map(({ path }) => path[0])).toEqual([name]);
    expect(error?.issues[0]?.message).not.toContain(value);
  });
});
