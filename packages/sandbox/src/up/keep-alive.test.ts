import { expect, it } from 'vitest';
import { StartFailed } from '../service-process.ts';
import { KeepAlive } from './keep-alive.ts';

const killed = { code: null, signal: 'SIGKILL' } as const;

function keeper(start: () => Promise<void>): { said: string[]; codes: number[]; keep: KeepAlive } {
  const said: string[] = [];
  const codes: number[] = [];
  const options = {
    name: 'worker',
    say: (line: string) => said.push(line),
    giveUp: (code: number) => codes.push(code),
  };
  return { said, codes, keep: new KeepAlive({ ...options, start, delayMs: 1 }) };
}

it('starts what ended again until it runs', async () => {
  let tries = 0;
  const { said, keep } = keeper(async () => {
    tries += 1;
    if (tries < 3) throw new Error('not yet');
  });
  await keep.crashed(killed);
  expect(tries).toBe(3);
  expect(said).toEqual([
    'worker ended (SIGKILL) and is started again',
    'worker could not be started: not yet',
    'worker could not be started: not yet',
    'worker runs again',
  ]);
});

it('gives up when the configuration is wrong', async () => {
  const { codes, keep } = keeper(async () => {
    throw new StartFailed('worker', 78);
  });
  await keep.crashed({ code: 1, signal: null });
  expect(codes).toEqual([78]);
});

it('starts nothing any more once it is stopped', async () => {
  let tries = 0;
  const { said, keep } = keeper(async () => {
    tries += 1;
  });
  const going = keep.crashed(killed);
  keep.stop();
  await going;
  await keep.crashed(killed);
  expect([tries, said.length]).toEqual([0, 1]);
});
