import { expect, it } from 'vitest';
import { StartFailedError } from '../processes/service-process.ts';
import { Supervisor } from './supervisor.ts';

const killed = { code: null, signal: 'SIGKILL' } as const;

function keeper(start: () => Promise<void>): { said: string[]; codes: number[]; supervise: Supervisor } {
  const said: string[] = [];
  const codes: number[] = [];
  const options = {
    name: 'worker',
    print: (line: string) => said.push(line),
    onGiveUp: (code: number) => codes.push(code),
  };
  return { said, codes, supervise: new Supervisor({ ...options, start, delayMs: 1 }) };
}

it('starts what ended again until it runs', async () => {
  let tries = 0;
  const { said, supervise } = keeper(async () => {
    tries += 1;
    if (tries < 3) throw new Error('not yet');
  });
  await supervise.handleCrash(killed);
  expect(tries).toBe(3);
  expect(said).toEqual([
    'worker ended (SIGKILL) and is started again',
    'worker could not be started: not yet',
    'worker could not be started: not yet',
    'worker runs again',
  ]);
});

it('gives up when the configuration is wrong', async () => {
  const { codes, supervise } = keeper(async () => {
    throw new StartFailedError('worker', 78);
  });
  await supervise.handleCrash({ code: 1, signal: null });
  expect(codes).toEqual([78]);
});

it('starts nothing any more once it is stopped', async () => {
  let tries = 0;
  const { said, supervise } = keeper(async () => {
    tries += 1;
  });
  const going = supervise.handleCrash(killed);
  supervise.stop();
  await going;
  await supervise.handleCrash(killed);
  expect([tries, said.length]).toEqual([0, 1]);
});
