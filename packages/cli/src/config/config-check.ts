import { ConfigError, forwarderEnv, readEnv, workerEnv } from '@shopee-webhook/runtime';
import type { Environment } from '../output/shell.ts';
import { nameWarnings } from './variable-names.ts';

/** What a service says that cannot start with this environment: missing and invalid variables, by name, without values. */
export function configErrors(env: Environment): string[] {
  // docker-compose and `npm start` set it for the forwarder alone.
  const given = { ...env, FORWARD_WEBHOOK_URL: env['FORWARD_WEBHOOK_URL'] || 'http://worker:9000/webhook/process' };
  return [...new Set([forwarderEnv, workerEnv].flatMap((schema) => errorsOf(() => readEnv(schema, given))))];
}

function errorsOf(read: () => unknown): string[] {
  try {
    read();
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const [, ...errors] = error.message.split('\n');
    return errors.map((fault) => fault.trim());
  }
}

/** Valid settings that are rarely intended. */
export function configWarnings(env: Environment): string[] {
  const isSet = (name: string) => (env[name]?.trim() ?? '') !== '';
  return [
    ...nameWarnings(env),
    ...(isSet('WEBHOOK_URL') ? [] : ['WEBHOOK_URL is not set: the callback URL is derived from each request']),
    ...(isSet('PUBLIC_URL') ? [] : ['PUBLIC_URL is not set: shops cannot be connected in the browser']),
    ...(isSet('TELEGRAM_BOT_TOKEN') ? [] : ['TELEGRAM_BOT_TOKEN is not set: no Telegram alerts']),
    ...(env['REDIS_ENABLED']?.trim() === 'false'
      ? ['REDIS_ENABLED is false: events are sent over HTTP, to a single worker']
      : []),
    ...(env['REDIS_ALLOW_UNSAFE']?.trim() === 'true' ? ['REDIS_ALLOW_UNSAFE is true: a crash may lose pushes'] : []),
  ];
}
