import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages/*/src/**/*.test.ts', 'packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: ['test/global-redis.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // A condition that comes later than a second on a busy machine has come all the same.
    expect: { poll: { timeout: 15_000 } },
    // A machine that is busy with other work can stretch any wait; a fault fails twice.
    retry: process.env['CI'] === undefined ? 0 : 1,
    pool: 'forks',
    // Tests start real redis-servers and HTTP servers; two cores serve no more than this at once.
    maxWorkers: 3,
  },
});
