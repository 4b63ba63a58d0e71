import { describe, expect, test } from 'vitest';
import { createLogger, setLogLevel } from './logger.ts';

function capture(secrets: string[] = []) {
  const lines: string[] = [];
  const logger = createLogger({
    name: 'test',
    level: 'debug',
    secrets,
    destination: { write: (line) => void lines.push(line) },
  });
  return { logger, text: () => lines.join('') };
}

describe('createLogger', () => {
  test('hides fields that hold secrets or personal data', () => {
    const { logger, text } = capture();
    logger.info({ accessToken: 'tok', req: { authorization: 'sig', phone: '0812' }, shop: '700000001' }, 'taken');
    expect(JSON.parse(text())).toMatchObject({
      level: 'info',
      name: 'test',
      shop: '700000001',
      accessToken: '[hidden]',
    });
    expect(text()).not.toMatch(/tok"|sig|0812/);
  });

  test('hides them in lists and three levels down, and changes nothing of the object that was given', () => {
    const { logger, text } = capture();
    const given = { list: [{ token: 'tok-1' }], a: { b: { password: 'pass-1' } }, plain: { shop: '1' } };
    logger.child({ part: 'x' }).info(given, 'taken');
    expect(text()).not.toMatch(/tok-1|pass-1/);
    expect(JSON.parse(text())).toMatchObject({ part: 'x', plain: { shop: '1' }, list: [{ token: '[hidden]' }] });
    expect(given.list[0]?.token).toBe('tok-1');
  });

  test('replaces a known secret wherever it stands in a line', () => {
    const { logger, text } = capture(['123:bot/token+"x"']);
    logger.info(
      { url: 'https://api.telegram.org/bot123:bot/token+"x"/send', query: 'a=123%3Abot%2Ftoken%2B%22x%22' },
      'sent',
    );
    expect(text()).not.toMatch(/bot\/token|bot%2Ftoken/);
  });

  test('keeps of an error only type, message, code, stack and causes', () => {
    const { logger, text } = capture();
    const cause = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    const error = Object.assign(new Error('request failed', { cause }), { config: { headers: { x: 'leak' } } });
    logger.error({ err: error }, 'failed');
    expect(text()).not.toContain('leak');
    expect(JSON.parse(text())).toMatchObject({ err: { message: 'request failed', cause: { code: 'ECONNREFUSED' } } });
  });
});

test('the level can be changed for a logger and the children it has already', () => {
  const lines: string[] = [];
  const logger = createLogger({ name: 'x', level: 'info', destination: { write: (line) => void lines.push(line) } });
  const child = logger.child({ part: 'y' });
  child.debug('unheard');
  setLogLevel(logger, 'debug');
  child.debug('heard');
  setLogLevel(logger, 'warn');
  logger.info('unheard again');
  expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['heard']);
});
