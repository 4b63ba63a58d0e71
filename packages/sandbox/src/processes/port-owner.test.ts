import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from './redis-server.ts';
import { assertPortFree } from './port-owner.ts';

test('a free port passes', async () => {
  await expect(assertPortFree(await freePort(), '127.0.0.1')).resolves.toBeUndefined();
});

test.runIf(process.platform === 'linux')('a port that is taken is an error that names the program', async () => {
  const port = await freePort();
  const code = `require('net').createServer().listen(${port}, '127.0.0.1', () => console.log('listening'))`;
  const other = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void other.kill());
  await once(other.stdout, 'data');
  await expect(assertPortFree(port, '127.0.0.1')).rejects.toThrow(
    new RegExp(`^port ${port} is taken by node \\(pid ${other.pid}\\)$`),
  );
});
