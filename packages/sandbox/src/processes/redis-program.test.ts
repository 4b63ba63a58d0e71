import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { hasRedis, redisProgram } from './redis-program.ts';

/** A PATH on which nothing stands but these, which answer `--version`. */
function pathWith(...programs: string[]): void {
  const dir = mkdtempSync(join(tmpdir(), 'redis-program-'));
  for (const program of programs) symlinkSync(process.execPath, join(dir, program));
  vi.stubEnv('PATH', dir);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(dir, { recursive: true });
  });
}

describe('redisProgram', () => {
  it('is redis-server where there is one', () => {
    pathWith('redis-server', 'valkey-server');
    expect(redisProgram()).toBe('redis-server');
  });

  it('is valkey-server where there is no redis-server', () => {
    pathWith('valkey-server');
    expect(redisProgram()).toBe('valkey-server');
    expect(hasRedis()).toBe(true);
  });

  it('is what REDIS_SERVER names, and nothing else', () => {
    pathWith('redis-server', 'valkey-server');
    vi.stubEnv('REDIS_SERVER', 'valkey-server');
    expect(redisProgram()).toBe('valkey-server');
    vi.stubEnv('REDIS_SERVER', 'no-such-server');
    expect(hasRedis()).toBe(false);
  });

  it('throws what to install where there is none', () => {
    pathWith();
    expect(() => redisProgram()).toThrow('install redis-server or valkey-server');
  });
});
