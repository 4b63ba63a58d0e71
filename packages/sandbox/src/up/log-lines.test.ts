import { describe, expect, it } from 'vitest';
import { formatLogLine } from './log-lines.ts';

describe('what the terminal shows of a service', () => {
  it('is an alert with its title', () => {
    const line = JSON.stringify({
      level: 'warn',
      msg: 'alert firing',
      alert: 'redis-unavailable',
      title: 'Redis is unavailable',
    });
    expect(formatLogLine('forwarder', line)).toBe('forwarder: warn: alert firing: Redis is unavailable');
  });

  it('is warnings and errors with their cause', () => {
    const line = JSON.stringify({ level: 'error', msg: 'not written', err: { message: 'disk full' } });
    expect(formatLogLine('worker', line)).toBe('worker: error: not written (disk full)');
  });

  it('is the password that was made, which is shown nowhere else', () => {
    const line = JSON.stringify({ level: 'warn', msg: 'this one was made', generatedPassword: 'aB3' });
    expect(formatLogLine('forwarder', line)).toBe('forwarder: warn: this one was made: aB3');
  });

  it('is whatever is no log line, such as what is wrong with the configuration', () => {
    expect(formatLogLine('worker', 'bad environment')).toBe('worker: bad environment');
    expect(formatLogLine('worker', '')).toBeUndefined();
  });

  it('is not what goes well', () => {
    expect(formatLogLine('worker', '{"level":"info","msg":"started"}')).toBeUndefined();
  });
});
