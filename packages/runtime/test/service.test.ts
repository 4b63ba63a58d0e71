import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const index = fileURLToPath(new URL('../src/index.ts', import.meta.url));

/** Runs a script with runService in a process of its own; sends the signals when it says "ready". */
async function run(body: string, signals: NodeJS.Signals[] = []): Promise<{ code: number | null; output: string }> {
  const script = `import { ConfigError, configOrExit, createLogger, runService } from ${JSON.stringify(index)};
    const logger = createLogger({ name: 'test', level: 'info', pretty: false });
    const stay = setInterval(() => {}, 1000);
    ${body}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const collect = (chunk: Buffer) => {
    output += chunk.toString();
    if (output.includes('ready') && signals.length > 0) child.kill(signals.shift());
    else if (output.includes('stopping') && signals.length > 0) child.kill(signals.shift());
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

const ready = `logger.info('ready');`;

describe('runService', () => {
  test('SIGTERM stops in order and ends with 0', async () => {
    const { code, output } = await run(
      `await runService(async () => ({ async stop() { clearInterval(stay); }, forceStop() {} }), logger); ${ready}`,
      ['SIGTERM'],
    );
    expect(output).toContain('stopped');
    expect(code).toBe(0);
  });

  test('a second signal forces the stop', async () => {
    const { code, output } = await run(
      `await runService(async () => ({ stop: () => new Promise(() => {}), forceStop() { logger.info('gave up'); } }), logger); ${ready}`,
      ['SIGINT', 'SIGTERM'],
    );
    expect(output).toContain('gave up');
    expect(code).toBe(0);
  });

  test('a service that does not start ends with 1 and says why', async () => {
    const { code, output } = await run(`await runService(async () => { throw new Error('port taken'); }, logger);`);
    expect(code).toBe(1);
    expect(output).toContain('port taken');
  });

  test('an error that nobody caught ends with 1', async () => {
    const { code, output } = await run(
      `await runService(async () => ({ async stop() {}, forceStop() {} }), logger); setTimeout(() => { throw new Error('bug'); }, 1);`,
    );
    expect(code).toBe(1);
    expect(output).toContain('uncaught error');
  });

  test('a bad environment is printed as it is and ends with 78', async () => {
    const { code, output } = await run(`configOrExit(() => { throw new ConfigError('PARTNER_KEY is not set'); });`);
    expect(code).toBe(78);
    expect(output).toBe('PARTNER_KEY is not set\n');
  });
});
