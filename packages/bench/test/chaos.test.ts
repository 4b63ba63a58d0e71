import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runChaos, type ChaosOptions } from '../src/chaos/chaos-run.ts';
import { passed, listViolations } from '../src/chaos/report.ts';

let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'chaos-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const timeoutMs = 480_000;

async function run(options: Pick<ChaosOptions, 'seed' | 'pushes' | 'faults'> & Partial<ChaosOptions>) {
  const result = await runChaos({ dir, orders: options.pushes / 3, perSecond: 25, log: () => undefined, ...options });
  return { result };
}

test(
  'nothing is missing, duplicate or wrong when everything fails in turn',
  async () => {
    const kinds = [
      'kill forwarder',
      'kill worker',
      'kill redis',
      'redis full',
      'worker and redis down',
      'sheets 503 applied',
      'user sorts under a write',
      'shopee rate limit',
      'telegram reset after apply',
    ];
    const { result } = await run({ seed: 4, pushes: 240, faults: kinds.length, kinds });
    expect(listViolations(result).filter(([, found]) => found.length > 0)).toEqual([]);
    expect(result.queue.deadLetters).toEqual([]);
    expect(result.totals.accepted).toBe(result.pushes);
  },
  timeoutMs,
);

test(
  'with plain BRPOP a killed worker loses pushes, and the run reports it',
  async () => {
    const kinds = ['kill worker'];
    const { result } = await run({ seed: 5, pushes: 240, faults: 6, kinds, without: ['brpop'], telegram: false });
    expect(result.sheet.missing.length + result.sheet.stale.length).toBeGreaterThan(0);
    expect(passed(result)).toBe(false);
  },
  timeoutMs,
);

test(
  'without the preflight check rows of a user who sorts are overwritten, and the run reports it',
  async () => {
    const kinds = ['user sorts', 'user inserts rows', 'user moves rows'];
    const { result } = await run({ seed: 6, pushes: 240, faults: 6, kinds, without: ['no-guard'], telegram: false });
    const { missing, duplicates, stale, wrong } = result.sheet;
    expect(missing.length + duplicates.length + stale.length + wrong.length).toBeGreaterThan(0);
    expect(passed(result)).toBe(false);
  },
  timeoutMs,
);
