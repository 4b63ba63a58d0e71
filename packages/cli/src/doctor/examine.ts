import { ConfigError } from '@shopee-webhook/runtime';
import { CliError } from '../errors.ts';
import { withRedis } from '../redis-link.ts';
import type { Environment } from '../shell.ts';
import type { Check, Finding, Patient } from './finding.ts';
import { checkGoogle } from './google-checks.ts';
import { checkPush, checkShopee, checkShops } from './shopee-checks.ts';
import { checkClock, checkDisk, checkEnvironment, checkRedis } from './system-checks.ts';
import { checkTelegram } from './telegram-check.ts';

/** In the order in which a newcomer fails. */
const checks: readonly (readonly [area: string, check: Check])[] = [
  ['environment', checkEnvironment],
  ['clock', checkClock],
  ['redis', checkRedis],
  ['disk', checkDisk],
  ['shopee', checkShopee],
  ['shops', checkShops],
  ['push', checkPush],
  ['google', checkGoogle],
  ['telegram', checkTelegram],
];

/** Goes through everything, whatever fails on the way, and tells each finding as soon as it is there. */
export async function examine(env: Environment, tell: (finding: Finding) => void): Promise<void> {
  const all = async (patient: Patient) => {
    for (const [area, check] of checks) {
      for (const line of await attempted(check, patient)) tell({ area, ...line });
    }
  };
  let isRunning = false;
  try {
    await withRedis(env, async (redis) => {
      isRunning = true;
      await all({ env, redis });
    });
  } catch (error) {
    // Only that Redis cannot be used is no reason to stop; the check of it says so.
    if (isRunning || !(error instanceof CliError || error instanceof ConfigError)) throw error;
    await all({ env, redis: undefined });
  }
}

async function attempted(check: Check, patient: Patient): Promise<Omit<Finding, 'area'>[]> {
  try {
    return await check(patient);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
    return [{ level: 'fail', text: `${text}${cause}`, action: 'is the other side reachable from this machine?' }];
  }
}
