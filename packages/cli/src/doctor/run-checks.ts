import { ConfigError } from '@shopee-webhook/runtime';
import { CliError } from '../errors/cli-error.ts';
import { withRedis } from '../clients/redis.ts';
import type { Environment } from '../output/shell.ts';
import type { Check, Finding, CheckContext } from './finding.ts';
import { checkGoogle } from './google-checks.ts';
import { checkPush, checkShopee, checkShops } from './shopee-checks.ts';
import { checkConsumers, checkForwarder, checkWorker } from './service-checks.ts';
import { checkClock, checkDisk, checkEnvironment, checkRedis } from './system-checks.ts';
import { checkTelegram } from './telegram-check.ts';

/** In setup order. */
const checks: readonly (readonly [area: string, check: Check, link: string])[] = [
  ['environment', checkEnvironment, 'docs/configuration.md'],
  ['clock', checkClock, 'docs/troubleshooting.md'],
  ['redis', checkRedis, 'docs/operations.md#incident-guide'],
  ['disk', checkDisk, 'docs/operations.md#persistent-data'],
  ['shopee', checkShopee, 'https://open.shopee.com/myconsole'],
  ['shops', checkShops, 'docs/setup.md#7-connect-the-shop'],
  ['push', checkPush, 'docs/setup.md#3-shopee-the-push'],
  ['google', checkGoogle, 'docs/setup.md#4-google-the-sheet'],
  ['telegram', checkTelegram, 'docs/setup.md#5-telegram-the-alerts-optional'],
  ['forwarder', checkForwarder, 'docs/operations.md#incident-guide'],
  ['worker', checkWorker, 'docs/operations.md#incident-guide'],
  ['consumers', checkConsumers, 'docs/troubleshooting.md'],
];

/** Runs every check, whatever fails, and reports each finding as soon as it is known. */
export async function runChecks(env: Environment, report: (finding: Finding) => void): Promise<void> {
  const all = async (context: CheckContext) => {
    for (const [area, check, link] of checks) {
      for (const line of await runCheck(check, context)) report(withLink({ area, ...line }, link));
    }
  };
  let isRunning = false;
  try {
    await withRedis(env, async (redis) => {
      isRunning = true;
      await all({ env, redis });
    });
  } catch (error) {
    // Redis being unreachable does not stop the other checks; its own check reports it.
    if (isRunning || !(error instanceof CliError || error instanceof ConfigError)) throw error;
    await all({ env, redis: undefined, redisError: error.message });
  }
}

/** Adds the area's link to warnings and failures. */
function withLink(finding: Finding, link: string): Finding {
  return finding.level === 'fail' || finding.level === 'warn' ? { link, ...finding } : finding;
}

async function runCheck(check: Check, context: CheckContext): Promise<Omit<Finding, 'area'>[]> {
  try {
    return await check(context);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
    return [
      { level: 'fail', text: `${text}${cause}`, action: 'check that the service is reachable from this machine' },
    ];
  }
}
